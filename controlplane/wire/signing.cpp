// SPDX-License-Identifier: Apache-2.0
// Signing keys and their files; keys.hpp says what they are for.
#include <sodium.h>

#include <algorithm>

#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/key_text.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;

/// libsodium draws its random numbers lazily; without this the first call may not be ready.
void ready() {
    static const int started = sodium_init();
    (void)started;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

/// False unless `text` is exactly bytes.size() * 2 hex digits.
bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    std::size_t length = 0;
    return text.size() == bytes.size() * 2 &&
           sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                          nullptr) == 0 &&
           length == bytes.size();
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

std::string to_line(const VerifyKey& key) { return "sweepgate-signing-public " + hex(key.bytes); }

Status save(const SigningKey& key, const std::filesystem::path& path) {
    return create_pair(path, "sweepgate-signing-secret " + hex(key.bytes()) + "\n",
                       to_line(key.verify_key()) + "\n");
}

Result<SigningKey> load_signing_key(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::secret, "sweepgate-signing-secret", 1);
    if (!words) return tl::unexpected(words.error());
    std::array<std::uint8_t, SigningKey::kBytes> bytes{};
    if (!from_hex(words->front(), bytes))
        return fail(Errc::bad_input, path.string() + ": not 128 hex digits");
    auto key = SigningKey::from_bytes(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    if (!key) return within(path.string(), key.error());
    return key;
}

Result<std::vector<VerifyKey>> load_verify_keys(const std::filesystem::path& path) {
    auto lines = key_lines(path, Secrecy::open, "sweepgate-signing-public", 1);
    if (!lines) return tl::unexpected(lines.error());
    std::vector<VerifyKey> keys(lines->size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!from_hex((*lines)[i].front(), keys[i].bytes))
            return fail(Errc::bad_input,
                        path.string() + ": key " + std::to_string(i + 1) + " is not 64 hex digits");
    return keys;
}

namespace {

/// Of a text of key lines: a bad line costs that line.
TrustedKeys trusted_in(std::string_view text, const std::string& name) {
    TrustedKeys trusted;
    for (const auto& line : word_lines(text)) {
        VerifyKey key;
        if (line.words.size() == 2 && line.words[0] == "sweepgate-signing-public" &&
            from_hex(line.words[1], key.bytes))
            trusted.keys.push_back(key);
        else
            trusted.faults.push_back(name + ":" + std::to_string(line.number) +
                                     ": expected sweepgate-signing-public and 64 hex digits");
    }
    return trusted;
}

tl::unexpected<Error> no_keys(const std::filesystem::path& path, const TrustedKeys& trusted) {
    return fail(Errc::bad_input,
                trusted.faults.empty() ? path.string() + ": no key in it" : trusted.faults.front());
}

} // namespace

Result<TrustedKeys> load_trusted_keys(const std::filesystem::path& path,
                                      const std::filesystem::path& copy) {
    TrustedKeys trusted;
    const auto text = read_regular_file(path, kMaxKeyFile);
    if (text)
        trusted = trusted_in(*text, path.string());
    else
        trusted.faults.push_back(text.error().what);
    if (!trusted.keys.empty()) {
        std::string lines;
        for (const auto& key : trusted.keys) lines += to_line(key) + "\n";
        if (!copy.empty()) keep_copy(copy, lines);
        return trusted;
    }
    if (copy.empty()) return no_keys(path, trusted);
    const auto kept = load_verify_keys(copy);
    if (!kept) return no_keys(path, trusted);
    trusted.keys = *kept;
    trusted.faults.push_back(path.string() + ": no key in it; those that were read last stay");
    return trusted;
}

} // namespace sweepgate::wire
