// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/trust_list.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "controlplane/wire/hex.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::string_view kFormat = "sweepgate-trust 1";
constexpr std::size_t kMostSigning = 8;
constexpr std::size_t kMostRetired = 64;
constexpr std::size_t kMostSignatures = 16;
constexpr std::int64_t kMostSeconds = 253'402'300'800; // the year 10000

using Signature = std::array<std::uint8_t, 64>;

struct Signed {
    VerifyKey key;
    Signature signature{};
};

/// One line after the other; every fault names its number.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool next_is(std::string_view word) const {
        return rest_.starts_with(word) && rest_.substr(word.size()).starts_with(' ');
    }
    [[nodiscard]] std::size_t read() const { return read_; }

    /// The next line without its end; a text that does not end in a newline has none.
    Result<std::string_view> line() {
        const auto end = rest_.find('\n');
        ++number_;
        if (end == std::string_view::npos) return fault("expected a line and its end");
        const auto taken = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        read_ += end + 1;
        return taken;
    }

    Result<std::uint64_t> number(std::string_view word, std::uint64_t most) {
        const auto text = value(word);
        if (!text) return tl::unexpected(text.error());
        std::uint64_t number = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), number);
        const bool plain = *text == "0" || !text->starts_with('0');
        if (error != std::errc() || end != text->data() + text->size() || !plain || number > most)
            return fault("expected " + std::string(word) + " and a number of at most " +
                         std::to_string(most));
        return number;
    }

    Result<std::string_view> value(std::string_view word) {
        const bool named = next_is(word);
        const auto whole = line();
        if (!whole) return whole;
        if (!named) return fault("expected " + std::string(word));
        return whole->substr(word.size() + 1);
    }

    template <std::size_t N>
    Result<std::array<std::uint8_t, N>> bytes(std::string_view digits) const {
        std::array<std::uint8_t, N> read{};
        if (!from_hex(digits, read))
            return fault("expected " + std::to_string(2 * N) + " hex digits");
        return read;
    }

    [[nodiscard]] tl::unexpected<Error> fault(const std::string& what) const {
        return fail(Errc::bad_input, "trust list:" + std::to_string(number_) + ": " + what);
    }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
    std::size_t read_ = 0;
};

struct Parsed {
    TrustList list;
    std::vector<Signed> signatures;
    std::size_t signed_bytes = 0;
};

Status read_keys(Lines& lines, std::string_view word, std::size_t most,
                 std::vector<VerifyKey>& keys) {
    while (lines.next_is(word)) {
        const auto text = lines.value(word);
        if (!text) return tl::unexpected(text.error());
        const auto bytes = lines.bytes<32>(*text);
        if (!bytes) return tl::unexpected(bytes.error());
        if (std::ranges::find(keys, VerifyKey{*bytes}) != keys.end())
            return lines.fault("the same key twice");
        keys.push_back({*bytes});
        if (keys.size() > most)
            return lines.fault("more than " + std::to_string(most) + " keys are " +
                               std::string(word));
    }
    return {};
}

Status read_head(Lines& lines, TrustList& list) {
    const auto format = lines.line();
    if (!format) return tl::unexpected(format.error());
    if (*format != kFormat) return lines.fault("expected '" + std::string(kFormat) + "'");
    const auto version = lines.number("version", kMostTrustVersion);
    if (!version) return tl::unexpected(version.error());
    if (*version == 0) return lines.fault("versions begin with 1");
    const auto epoch = lines.number("epoch", kMostEpoch);
    if (!epoch) return tl::unexpected(epoch.error());
    const auto issued = lines.number("issued", kMostSeconds);
    if (!issued) return tl::unexpected(issued.error());
    list.version = *version;
    list.epoch = *epoch;
    list.issued = Instant(std::chrono::seconds(static_cast<std::int64_t>(*issued)));
    return {};
}

Status read_signatures(Lines& lines, std::vector<Signed>& signatures) {
    while (!lines.at_end()) {
        const auto text = lines.value("signature");
        if (!text) return tl::unexpected(text.error());
        const auto space = text->find(' ');
        if (space == std::string_view::npos) return lines.fault("expected a key and a signature");
        const auto key = lines.bytes<32>(text->substr(0, space));
        if (!key) return tl::unexpected(key.error());
        const auto signature = lines.bytes<64>(text->substr(space + 1));
        if (!signature) return tl::unexpected(signature.error());
        signatures.push_back({{*key}, *signature});
        if (signatures.size() > kMostSignatures) return lines.fault("too many signatures");
    }
    return {};
}

Result<Parsed> parse(std::string_view text) {
    if (text.size() > kMaxTrustBytes)
        return fail(Errc::bad_input,
                    "trust list: longer than " + std::to_string(kMaxTrustBytes) + " bytes");
    Parsed parsed;
    Lines lines(text);
    auto& list = parsed.list;
    if (auto ok = read_head(lines, list); !ok) return tl::unexpected(ok.error());
    if (auto ok = read_keys(lines, "signing", kMostSigning, list.signing); !ok)
        return tl::unexpected(ok.error());
    if (list.signing.empty()) return lines.fault("no signing key");
    if (auto ok = read_keys(lines, "retired", kMostRetired, list.retired); !ok)
        return tl::unexpected(ok.error());
    for (const auto& key : list.retired)
        if (std::ranges::find(list.signing, key) != list.signing.end())
            return lines.fault("a key is signing and retired");
    parsed.signed_bytes = lines.read();
    if (auto ok = read_signatures(lines, parsed.signatures); !ok) return tl::unexpected(ok.error());
    return parsed;
}

/// Of `keys`, those with a good signature over the list.
std::size_t good_signatures(const Parsed& parsed, std::string_view text,
                            std::span<const VerifyKey> keys) {
    const auto body = text.substr(0, parsed.signed_bytes);
    std::set<std::array<std::uint8_t, 32>> signers;
    for (const auto& [key, signature] : parsed.signatures)
        if (std::ranges::find(keys, key) != keys.end() &&
            crypto_sign_verify_detached(signature.data(),
                                        reinterpret_cast<const unsigned char*>(body.data()),
                                        body.size(), key.bytes.data()) == 0)
            signers.insert(key.bytes);
    return signers.size();
}

} // namespace

bool TrustList::lists(const VerifyKey& key) const {
    return std::ranges::find(signing, key) != signing.end();
}

Result<std::string> to_text(const TrustList& list) {
    std::string text(kFormat);
    text += "\nversion " + std::to_string(list.version) + "\nepoch " + std::to_string(list.epoch) +
            "\nissued " + std::to_string(list.issued.time_since_epoch().count()) + "\n";
    for (const auto& key : list.signing) text += "signing " + hex_of(key.bytes) + "\n";
    for (const auto& key : list.retired) text += "retired " + hex_of(key.bytes) + "\n";
    if (auto ok = parse(text); !ok) return tl::unexpected(ok.error());
    return text;
}

Result<std::string> countersign(std::string_view text, const SigningKey& key) {
    const auto parsed = parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    const auto signer = key.verify_key();
    for (const auto& each : parsed->signatures)
        if (each.key == signer)
            return fail(Errc::conflict, "the trust list is signed with this key already");
    const auto body = text.substr(0, parsed->signed_bytes);
    const auto signature =
        key.sign({reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
    auto longer =
        std::string(text) + "signature " + hex_of(signer.bytes) + " " + hex_of(signature) + "\n";
    if (auto ok = parse(longer); !ok) return tl::unexpected(ok.error());
    return longer;
}

Result<TrustList> parse_trust_list(std::string_view text) {
    auto parsed = parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    return std::move(parsed->list);
}

Result<TrustList> open_trust_list(std::string_view text, const TrustedKeys& anchor) {
    auto parsed = parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    const bool rooted = !anchor.roots.empty();
    const std::size_t wanted = rooted ? anchor.threshold : 1;
    const auto good = good_signatures(*parsed, text, rooted ? anchor.roots : anchor.keys);
    if (good < wanted)
        return fail(Errc::refused, "trust list version " + std::to_string(parsed->list.version) +
                                       ": " + std::to_string(good) + " of " +
                                       std::to_string(wanted) + " signature(s) by a " +
                                       (rooted ? "root" : "signing") + " key that is trusted here");
    return std::move(parsed->list);
}

} // namespace sweepgate::wire
