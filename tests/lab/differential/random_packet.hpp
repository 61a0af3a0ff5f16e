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

[[nodiscard]] inline unsigned below(std::mt19937& random, unsigned limit) {
    return static_cast<unsigned>(random() % limit);
}

/// Whether a layer passes only because of what it quotes.
[[nodiscard]] inline bool is_saved_by_quote(const Snapshot& snapshot, Flow layer) {
    const auto with = judge(snapshot, layer).action;
    layer.quote.reset();
    return with != judge(snapshot, layer).action;
}

/// TCP, UDP, SCTP, ICMP, its errors with quotes whole and not, ESP, AH, no next header and an
/// unknown protocol; IPv4 options; IPv6 hop-by-hop, destination options and routing headers; first
/// and later fragments, first ones without ports among them; up to four VLAN tags of three types;
/// MPLS and PPPoE; IP in IP, GRE and VXLAN, up to three deep, with tags, labels and sessions
/// inside. Valid as far as a router looks at the outermost IP packet.
///   most_payload  bytes behind the last header
[[nodiscard]] RandomPacket random_packet(std::mt19937& random, unsigned most_payload = 0);

/// The same, and now and then something that is not IP, a frame that ends too early or contradicts
/// itself, a jumbo frame, a jumbogram, or Ethernet padding.
[[nodiscard]] RandomPacket random_frame(std::mt19937& random);

} // namespace sweepgate::testing
