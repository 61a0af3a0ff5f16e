// SPDX-License-Identifier: Apache-2.0
// One IP address, v4 or v6, in one type: the numeric value in host order plus the family.
// Every order, mask and range operation below is the same code for both families.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate {

__extension__ using Uint128 = unsigned __int128;

enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

/// Address length in bits (32 or 128) and bytes (4 or 16).
[[nodiscard]] constexpr unsigned width(Family family) { return family == Family::ipv4 ? 32 : 128; }
[[nodiscard]] constexpr unsigned width_bytes(Family family) { return width(family) / 8; }

struct Address {
    Family family = Family::ipv4;
    Uint128 value = 0; // an IPv4 address occupies the low 32 bits

    friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

[[nodiscard]] constexpr Address ipv4(std::uint32_t host_order) {
    return {Family::ipv4, host_order};
}
[[nodiscard]] constexpr Address ipv6(std::uint64_t high, std::uint64_t low) {
    return {Family::ipv6, (static_cast<Uint128>(high) << 64U) | low};
}

/// Network byte order. `bytes` has 4 or 16 elements; any other size is bad_input.
[[nodiscard]] Result<Address> address_from_bytes(std::span<const std::uint8_t> bytes);
/// The first width_bytes(family) elements are the address in network byte order.
[[nodiscard]] std::array<std::uint8_t, 16> to_bytes(const Address& address);

/// Strict numeric forms only (inet_pton): no octal, no short forms, no zone index.
[[nodiscard]] Result<Address> parse_address(std::string_view text);
/// RFC 5952 text for IPv6.
[[nodiscard]] std::string to_string(const Address& address);

} // namespace sweepgate

template <>
struct std::hash<sweepgate::Address> {
    std::size_t operator()(const sweepgate::Address& address) const noexcept {
        const auto low = static_cast<std::uint64_t>(address.value);
        const auto high = static_cast<std::uint64_t>(address.value >> 64U);
        return std::hash<std::uint64_t>{}(low * 0x9E3779B97F4A7C15ULL ^ (high + (low >> 29U)));
    }
};
