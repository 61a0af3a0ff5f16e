// SPDX-License-Identifier: Apache-2.0
// Signing keys and their files; keys.hpp says what they are for.
#include <sodium.h>

#include <algorithm>
#include <tuple>

#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/hex.hpp"
#include "controlplane/wire/key_text.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;
constexpr std::string_view kSigningSecret = "sweepgate-signing-secret";
constexpr std::string_view kRootSecret = "sweepgate-root-secret";
constexpr std::string_view kSigning = "sweepgate-signing-public";
constexpr std::string_view kRoot = "sweepgate-root-public";
constexpr std::string_view kThreshold = "sweepgate-root-threshold";

std::string line_of(std::string_view kind, std::string_view value) {
    std::string line(kind);
    return line.append(" ").append(value);
}

/// libsodium draws its random numbers lazily; without this the first call may not be ready.
void ready() {
    static const int started = sodium_init();
    (void)started;
}

} // namespace

KeyId VerifyKey::id() const {
    std::array<std::uint8_t, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
    KeyId id{};
    std::copy_n(hash.begin(), id.size(), id.begin());
    return id;
}

SigningKey SigningKey::generate() {
    ready();
    SigningKey key;
    VerifyKey unused;
    crypto_sign_keypair(unused.bytes.data(), key.secret_.data());
    return key;
}

Result<SigningKey> SigningKey::from_bytes(std::span<const std::uint8_t> secret) {
    if (secret.size() != kBytes) return fail(Errc::bad_input, "a signing key has 64 bytes");
    // The second half is the public key; one that does not match the seed would leak the seed
    // through its signatures, so it is derived again.
    SigningKey key;
    VerifyKey derived;
    crypto_sign_seed_keypair(derived.bytes.data(), key.secret_.data(), secret.data());
    if (!std::equal(secret.begin(), secret.end(), key.secret_.begin()))
        return fail(Errc::bad_input, "the halves of the signing key do not belong together");
    return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

VerifyKey SigningKey::verify_key() const {
    VerifyKey key;
    std::copy(secret_.begin() + 32, secret_.end(), key.bytes.begin());
    return key;
}

std::array<std::uint8_t, 64> SigningKey::sign(std::span<const std::uint8_t> message) const {
    std::array<std::uint8_t, 64> signature{};
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.data());
    return signature;
}

std::string fingerprint(const VerifyKey& key) { return hex_of(key.id()); }

std::string to_line(const VerifyKey& key) {
    return "sweepgate-signing-public " + hex_of(key.bytes);
}

Status save(const SigningKey& key, const std::filesystem::path& path) {
    return create_pair(path, line_of(kSigningSecret, hex_of(key.bytes())) + "\n",
                       to_line(key.verify_key()) + "\n");
}

Status save_root(const SigningKey& key, const std::filesystem::path& path) {
    return create_pair(path, line_of(kRootSecret, hex_of(key.bytes())) + "\n",
                       to_root_line(key.verify_key()) + "\n");
}

namespace {

Result<SigningKey> load_secret(const std::filesystem::path& path, std::string_view kind) {
    auto words = one_key(path, Secrecy::secret, kind, 1);
    if (!words) return tl::unexpected(words.error());
    std::array<std::uint8_t, SigningKey::kBytes> bytes{};
    if (!from_hex(words->front(), bytes))
        return fail(Errc::bad_input, path.string() + ": not 128 hex digits");
    auto key = SigningKey::from_bytes(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    if (!key) return within(path.string(), key.error());
    return key;
}

} // namespace

Result<SigningKey> load_signing_key(const std::filesystem::path& path) {
    return load_secret(path, kSigningSecret);
}

Result<SigningKey> load_root_key(const std::filesystem::path& path) {
    return load_secret(path, kRootSecret);
}

namespace {

/// One line. False: it is none.
bool take_line(const WordLine& line, TrustedKeys& trusted) {
    if (line.words.size() != 2) return false;
    const auto& [kind, value] = std::tie(line.words[0], line.words[1]);
    VerifyKey key;
    if (kind == kSigning && from_hex(value, key.bytes)) {
        trusted.keys.push_back(key);
    } else if (kind == kRoot && from_hex(value, key.bytes)) {
        trusted.roots.push_back(key);
    } else if (kind == kThreshold && value.size() == 1 && value[0] >= '1' && value[0] <= '9') {
        trusted.threshold = static_cast<std::size_t>(value[0] - '0');
    } else {
        return false;
    }
    return true;
}

/// Of a text of key lines: a bad line costs that line.
TrustedKeys trusted_in(std::string_view text, const std::string& name) {
    TrustedKeys trusted;
    for (const auto& line : word_lines(text))
        if (!take_line(line, trusted))
            trusted.faults.push_back(name + ":" + std::to_string(line.number) + ":" +
                                     std::to_string(line.columns.front()) +
                                     ": expected sweepgate-signing-public or sweepgate-root-public "
                                     "and 64 hex digits, or sweepgate-root-threshold and 1 to 9");
    if (!trusted.roots.empty() && trusted.threshold > trusted.roots.size())
        trusted.faults.push_back(name + ": sweepgate-root-threshold " +
                                 std::to_string(trusted.threshold) + ", but " +
                                 std::to_string(trusted.roots.size()) + " root key(s)");
    return trusted;
}

bool is_empty(const TrustedKeys& trusted) { return trusted.keys.empty() && trusted.roots.empty(); }

tl::unexpected<Error> no_keys(const std::filesystem::path& path, const TrustedKeys& trusted) {
    return fail(Errc::bad_input,
                trusted.faults.empty() ? path.string() + ": no key in it" : trusted.faults.front());
}

std::string to_lines(const TrustedKeys& trusted) {
    std::string lines;
    for (const auto& key : trusted.keys) lines += to_line(key) + "\n";
    for (const auto& key : trusted.roots) lines += to_root_line(key) + "\n";
    if (!trusted.roots.empty())
        lines += line_of(kThreshold, std::to_string(trusted.threshold)) + "\n";
    return lines;
}

} // namespace

std::string to_root_line(const VerifyKey& key) { return line_of(kRoot, hex_of(key.bytes)); }

Result<TrustedKeys> load_anchor(const std::filesystem::path& path) {
    const auto text = read_regular_file(path, kMaxKeyFile);
    if (!text) return tl::unexpected(text.error());
    auto trusted = trusted_in(*text, path.string());
    if (is_empty(trusted) || !trusted.faults.empty()) return no_keys(path, trusted);
    return trusted;
}

Result<std::vector<VerifyKey>> load_verify_keys(const std::filesystem::path& path) {
    auto anchor = load_anchor(path);
    if (!anchor) return tl::unexpected(anchor.error());
    if (anchor->keys.empty())
        return fail(Errc::bad_input, path.string() + ": no signing key in it");
    return std::move(anchor->keys);
}

Result<TrustedKeys> load_trusted_keys(const std::filesystem::path& path,
                                      const std::filesystem::path& copy) {
    TrustedKeys trusted;
    const auto text = read_regular_file(path, kMaxKeyFile);
    const auto guarded = text ? check_guarded(path) : Status(tl::unexpected(text.error()));
    if (guarded)
        trusted = trusted_in(*text, path.string());
    else
        trusted.faults.push_back(guarded.error().what);
    if (!is_empty(trusted)) {
        if (!copy.empty()) keep_copy(copy, to_lines(trusted));
        return trusted;
    }
    if (copy.empty()) return no_keys(path, trusted);
    auto kept = load_anchor(copy);
    if (!kept) return no_keys(path, trusted);
    kept->faults = std::move(trusted.faults);
    kept->faults.push_back(path.string() + ": no key in it; those that were read last stay");
    return kept;
}

} // namespace sweepgate::wire
