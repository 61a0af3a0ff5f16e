// SPDX-License-Identifier: Apache-2.0
// Network byte order at any alignment.
#pragma once

#include <cstdint>
#include <cstring>

#include "controlplane/model/address.hpp"

namespace sweepgate::filter {

inline std::uint16_t read16(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] << 8U | at[1]);
}

inline std::uint32_t read32(const std::uint8_t* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}

inline Uint128 read128(const std::uint8_t* at) {
    return Uint128{std::uint64_t{read32(at)} << 32U | read32(at + 4)} << 64U |
           Uint128{std::uint64_t{read32(at + 8)} << 32U | read32(at + 12)};
}

} // namespace sweepgate::filter
