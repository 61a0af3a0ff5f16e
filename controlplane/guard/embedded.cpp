// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/embedded.hpp"

namespace sweepgate {

namespace {

constexpr Prefix range(std::uint64_t high, std::uint64_t low, std::uint8_t length) {
    return {ipv6(high, low), length};
}

constexpr Prefix kMapped = range(0, 0xFFFF'0000'0000, 96);
constexpr Prefix kCompatible = range(0, 0, 96);
constexpr Prefix kNat64 = range(0x0064'FF9B'0000'0000, 0, 96);
constexpr Prefix kLocalNat64 = range(0x0064'FF9B'0001'0000, 0, 48); // RFC 8215
constexpr Prefix k6to4 = range(0x2002'0000'0000'0000, 0, 16);
constexpr Prefix kTeredo = range(0x2001'0000'0000'0000, 0, 32);

/// The 32 bits that start `offset` bits from the left.
constexpr std::uint32_t bits(Uint128 value, unsigned offset) {
    return static_cast<std::uint32_t>(value >> (96U - offset));
}

/// Behind a prefix of that length, stepping over the eight zero bits 64 to 71.
std::uint32_t behind_prefix(Uint128 value, unsigned length) {
    if (length == 96) return bits(value, 96);
    if (length == 64) return bits(value, 72);
    const unsigned before = 64 - length; // bits of the address in front of the gap: 8 to 32
    const auto joined = bits(value, length);
    if (before == 32) return joined;
    const auto front = joined >> (32U - before) << (32U - before);
    return front | (bits(value, 72) >> before);
}

} // namespace

std::optional<Embedded> embedded_ipv4(const Address& address, std::span<const Prefix> nat64) {
    if (address.family != Family::ipv6) return std::nullopt;
    const auto value = address.value;
    for (const auto& prefix : nat64)
        if (prefix.contains(address))
            return Embedded{ipv4(behind_prefix(value, prefix.length)), "NAT64"};
    if (kMapped.contains(address)) return Embedded{ipv4(bits(value, 96)), "IPv4-mapped"};
    if (kNat64.contains(address)) return Embedded{ipv4(bits(value, 96)), "NAT64"};
    if (kLocalNat64.contains(address)) return Embedded{ipv4(behind_prefix(value, 48)), "NAT64"};
    if (k6to4.contains(address)) return Embedded{ipv4(bits(value, 16)), "6to4"};
    if (kTeredo.contains(address)) return Embedded{ipv4(~bits(value, 96)), "Teredo"};
    if (kCompatible.contains(address)) return Embedded{ipv4(bits(value, 96)), "IPv4-compatible"};
    const auto marker = bits(value, 64); // 0000:5EFE, or 0200:5EFE for a global address
    if ((marker & 0xFDFF'FFFFU) == 0x0000'5EFEU) return Embedded{ipv4(bits(value, 96)), "ISATAP"};
    return std::nullopt;
}

} // namespace sweepgate
