// SPDX-License-Identifier: Apache-2.0
// A random packet together with what it is, known from how it was made and not from a parser.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "controlplane/model/judge.hpp"

namespace sweepgate::testing {

enum class Nature : std::uint8_t { ip, not_ip, malformed };

struct RandomPacket {
    std::vector<std::uint8_t> frame; // Ethernet II, tags, labels or a PPPoE session, then IP
    std::size_t network = 0;         // offset of the outermost IP header
    Nature nature = Nature::ip;
    std::vector<Flow> layers; // of IP: the outermost first, then what tunnels carry
    std::string shape;        // for messages: "pppoe ipv6 hop-by-hop gre ipv4 tcp"
};

/// TCP, UDP, SCTP, ICMP and an unknown protocol; IPv4 options; IPv6 hop-by-hop and destination
/// options; first and later fragments; up to two VLAN tags; MPLS and PPPoE; IP in IP, GRE and
/// VXLAN, up to three deep. Valid as far as a router looks at the outermost IP packet.
[[nodiscard]] RandomPacket random_packet(std::mt19937& random);

/// The same, and now and then something that is not IP, a frame that ends too early, or Ethernet
/// padding.
[[nodiscard]] RandomPacket random_frame(std::mt19937& random);

} // namespace sweepgate::testing
