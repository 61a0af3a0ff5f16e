// SPDX-License-Identifier: Apache-2.0
// Network byte order at any alignment.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "controlplane/model/address.hpp"

namespace sweepgate::filter {

/// As it lies in memory.
template <typename Word>
Word load(const std::uint8_t* at) {
    Word value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// What load() gives of these four.
constexpr std::uint32_t word_of(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return std::bit_cast<std::uint32_t>(std::array{a, b, c, d});
}

// In network order.
inline std::uint16_t read16(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] << 8U | at[1]);
}

inline std::uint32_t read32(const std::uint8_t* at) {
    return __builtin_bswap32(load<std::uint32_t>(at));
}

inline Uint128 read128(const std::uint8_t* at) {
    return Uint128{std::uint64_t{read32(at)} << 32U | read32(at + 4)} << 64U |
           Uint128{std::uint64_t{read32(at + 8)} << 32U | read32(at + 12)};
}

} // namespace sweepgate::filter
