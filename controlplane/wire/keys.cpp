// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/keys.hpp"

#include <sodium.h>
#include <zmq.h>

#include <algorithm>

namespace sweepgate::wire {

namespace {

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

CurveKeys generate_curve_keys() {
    std::array<char, kZ85Length + 1> public_key{};
    std::array<char, kZ85Length + 1> secret_key{};
    zmq_curve_keypair(public_key.data(), secret_key.data());
    return {public_key.data(), secret_key.data()};
}

bool is_curve_key(std::string_view z85) {
    if (z85.size() != kZ85Length) return false;
    std::array<std::uint8_t, 32> bytes{};
    return zmq_z85_decode(bytes.data(), std::string(z85).c_str()) != nullptr;
}

std::string_view to_string(Role role) {
    switch (role) {
    case Role::local: return "local";
    case Role::gate: return "gate";
    case Role::relay: return "relay";
    case Role::viewer: return "viewer";
    case Role::admin: return "admin";
    }
    return "unknown";
}

} // namespace sweepgate::wire
