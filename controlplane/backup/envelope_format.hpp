// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what the writer and the reader of an envelope share.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <sodium.h>

#include "controlplane/model/result.hpp"

namespace sweepgate::backup {

inline constexpr std::string_view kPlain = "sweepgate-backup 1 plain\n";
inline constexpr std::string_view kSealed = "sweepgate-backup 1 sealed\n";
inline constexpr std::size_t kPiece = std::size_t{64} << 10U;
inline constexpr std::size_t kSealedPiece = kPiece + crypto_secretstream_xchacha20poly1305_ABYTES;
inline constexpr std::size_t kSum = crypto_generichash_BYTES;

using Salt = std::array<std::uint8_t, crypto_pwhash_SALTBYTES>;
using StreamHeader = std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_HEADERBYTES>;

/// Wipes itself.
struct StreamKey {
    std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_KEYBYTES> bytes{};
    StreamKey() = default;
    StreamKey(const StreamKey&) = default;
    StreamKey& operator=(const StreamKey&) = default;
    ~StreamKey() { sodium_memzero(bytes.data(), bytes.size()); }
};

/// Three passes over 64 MiB, which a small box has; half a second on it. Errors: unavailable
/// without that memory.
[[nodiscard]] inline Result<StreamKey> stream_key(const std::string& passphrase, const Salt& salt) {
    constexpr unsigned long long kPasses = 3;
    constexpr std::size_t kMemory = std::size_t{64} << 20U;
    StreamKey key;
    if (crypto_pwhash(key.bytes.data(), key.bytes.size(), passphrase.data(), passphrase.size(),
                      salt.data(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Errc::unavailable, "64 MiB of memory for the passphrase are not to be had");
    return key;
}

} // namespace sweepgate::backup
