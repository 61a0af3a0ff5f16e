// SPDX-License-Identifier: Apache-2.0
// A random packet together with what it is, known from how it was made and not from a parser.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "controlplane/model/judge.hpp"

namespace sweepgate::testing {

struct RandomPacket {
    std::vector<std::uint8_t> frame; // Ethernet II, perhaps VLAN tags, then IP
    std::size_t network = 0;         // offset of the IP header
    Flow flow;
    std::string shape; // for messages: "ipv6 hop-by-hop fragment 0 tcp"
};

/// TCP, UDP, SCTP, ICMP and an unknown protocol; IPv4 options; IPv6 hop-by-hop and destination
/// options; first and later fragments; up to two VLAN tags. Valid as far as a router looks.
[[nodiscard]] RandomPacket random_packet(std::mt19937& random);

} // namespace sweepgate::testing
