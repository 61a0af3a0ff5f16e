// SPDX-License-Identifier: Apache-2.0
// CURVE keys, their files, and roles; signing.cpp has the other kind of key.
#include "controlplane/wire/keys.hpp"

#include <array>

#include <sodium.h>
#include <zmq.h>

#include "controlplane/wire/hex.hpp"
#include "controlplane/wire/key_text.hpp"

namespace sweepgate::wire {

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

Status save(const CurveKeys& keys, const std::filesystem::path& path) {
    return create_pair(path,
                       "sweepgate-curve-secret " + keys.public_key + " " + keys.secret_key + "\n",
                       "sweepgate-curve-public " + keys.public_key + "\n");
}

Result<CurveKeys> load_curve_keys(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::secret, "sweepgate-curve-secret", 2);
    if (!words) return tl::unexpected(words.error());
    if (!is_curve_key((*words)[0]) || !is_curve_key((*words)[1]))
        return fail(Errc::bad_input, path.string() + ": not two Z85 keys of 40 characters");
    return CurveKeys{(*words)[0], (*words)[1]};
}

Result<std::string> load_curve_public_key(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::open, "sweepgate-curve-public", 1);
    if (!words) return tl::unexpected(words.error());
    if (!is_curve_key(words->front()))
        return fail(Errc::bad_input, path.string() + ": not a Z85 key of 40 characters");
    return std::move(words->front());
}

Result<CurveClient> load_curve_client(const std::filesystem::path& own,
                                      const std::filesystem::path& server) {
    auto keys = load_curve_keys(own);
    if (!keys) return tl::unexpected(keys.error());
    auto server_key = load_curve_public_key(server);
    if (!server_key) return tl::unexpected(server_key.error());
    return CurveClient{std::move(*keys), std::move(*server_key)};
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

std::string fingerprint(std::string_view public_key) {
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(public_key.data()), public_key.size(),
                       nullptr, 0);
    return hex_of(std::span(hash).first<std::tuple_size_v<KeyId>>());
}

} // namespace sweepgate::wire
