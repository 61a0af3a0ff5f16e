// SPDX-License-Identifier: Apache-2.0
// Numbers of the headers that are read here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sweepgate::filter {

inline constexpr std::size_t kEthernetHeader = 14; // with the type
inline constexpr std::size_t kTagBytes = 4;
inline constexpr std::size_t kIpv4Header = 20;
inline constexpr std::size_t kIpv6Header = 40;

// EtherTypes (IANA ieee-802-numbers).
inline constexpr std::uint16_t kTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kTypeIpv6 = 0x86DD;
inline constexpr std::uint16_t kTypeTag = 0x8100;        // IEEE 802.1Q
inline constexpr std::uint16_t kTypeServiceTag = 0x88A8; // IEEE 802.1ad
inline constexpr std::uint16_t kTypeOldServiceTag = 0x9100;
inline constexpr std::uint16_t kTypeLabels = 0x8847;        // MPLS (RFC 3032, 5)
inline constexpr std::uint16_t kTypeLabelsOfGroup = 0x8848; // MPLS multicast (RFC 5332, 4)
inline constexpr std::uint16_t kTypeSession = 0x8864;       // PPPoE session (RFC 2516, 4)
inline constexpr std::uint16_t kTypeEthernet = 0x6558;      // transparent Ethernet, inside GRE

inline constexpr std::size_t kLabelBytes = 4;
inline constexpr std::size_t kSessionHeader = 6; // without PPP's protocol number
inline constexpr std::uint16_t kPppIpv4 = 0x0021;
inline constexpr std::uint16_t kPppIpv6 = 0x0057;

// Protocol numbers of what may be a tunnel (IANA protocol-numbers).
inline constexpr std::uint8_t kProtocolIpv4 = 4;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolIpv6 = 41;
inline constexpr std::uint8_t kProtocolGre = 47;
[[nodiscard]] constexpr bool is_tunnel(std::uint8_t protocol) {
    return protocol == kProtocolIpv4 || protocol == kProtocolIpv6 || protocol == kProtocolGre;
}
inline constexpr std::size_t kIcmpHeader = 8; // of an error: what it quotes begins behind
inline constexpr std::size_t kUdpHeader = 8;
inline constexpr std::size_t kVxlanHeader = 8;
inline constexpr std::uint16_t kVxlanPort = 4789; // RFC 7348, 5

/// 1 or 0: how many tags there are is hard to guess for a branch.
[[nodiscard]] constexpr unsigned is_tag(std::uint16_t type) {
    return static_cast<unsigned>(type == kTypeTag) |
           static_cast<unsigned>(type == kTypeServiceTag) |
           static_cast<unsigned>(type == kTypeOldServiceTag);
}

/// Next headers that are walked over to another one (RFC 8200, 4): bit n is number n.
inline constexpr std::uint64_t kWalkedHeaders =
    1ULL << 0U | 1ULL << 43U | 1ULL << 44U | 1ULL << 60U;

[[nodiscard]] constexpr bool is_walked(std::uint8_t next_header) {
    return next_header < 64 && ((kWalkedHeaders >> next_header) & 1U) != 0;
}

} // namespace sweepgate::filter
