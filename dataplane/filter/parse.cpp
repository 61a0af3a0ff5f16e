// SPDX-License-Identifier: Apache-2.0
// From the IP header to the ports.
#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/reader.hpp"

namespace sweepgate::filter {

namespace {

// Protocol numbers (IANA protocol-numbers).
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;

/// Ports are the first four bytes of TCP (RFC 9293, 3.1), UDP (RFC 768) and SCTP (RFC 9260, 3.1).
/// Only what lies inside the datagram counts: the padding behind it is anybody's.
void read_ports(Reader& reader, Parsed& parsed) {
    const bool carries = parsed.protocol == static_cast<std::uint8_t>(Transport::tcp) ||
                         parsed.protocol == static_cast<std::uint8_t>(Transport::udp) ||
                         parsed.protocol == static_cast<std::uint8_t>(Transport::sctp);
    if (!carries || parsed.transport + 4U > parsed.end || !reader.holds(parsed.transport, 4))
        return;
    parsed.source_port = read16(reader.frame + parsed.transport);
    parsed.destination_port = read16(reader.frame + parsed.transport + 2);
    parsed.has_ports = true;
}

} // namespace

// RFC 791, 3.1; what a datagram must fulfil to be looked at: RFC 1812, 5.2.2.
Parsed read_ipv4(Reader& reader, std::size_t network) {
    if (!reader.holds(network, kIpv4Header)) return malformed();
    const auto* header = reader.frame + network;
    const auto header_length = static_cast<std::size_t>(header[0] & 0x0FU) * 4;
    const std::size_t total_length = read16(header + 2);
    if (header[0] >> 4U != 4 || header_length < kIpv4Header || total_length < header_length ||
        total_length > reader.wire_length - network || !reader.holds(network, header_length))
        return malformed();

    Parsed parsed;
    parsed.kind = Kind::ipv4;
    parsed.source = read32(header + 12);
    parsed.destination = read32(header + 16);
    parsed.protocol = header[9];
    parsed.network = static_cast<std::uint32_t>(network);
    parsed.transport = static_cast<std::uint32_t>(network + header_length);
    parsed.end = static_cast<std::uint32_t>(network + total_length);
    const auto fragment = read16(header + 6); // reserved, DF, MF, 13 bits offset
    parsed.is_fragment = (fragment & 0x3FFFU) != 0;
    parsed.is_later_fragment = (fragment & 0x1FFFU) != 0;
    if (!parsed.is_later_fragment) read_ports(reader, parsed);
    return parsed;
}

namespace {

/// How the walk over the extension headers stands.
struct Chain {
    std::uint8_t next;
    std::size_t at;
    bool later_fragment = false;
};

/// Bytes of the extension header at `at`; 0 when `type` is none that we walk over. The other
/// types (ESP, mobility, HIP, no next header) hide what follows or end the chain. So does an
/// authentication header (RFC 4302): in IPv4 it is the transport, and the kernel's rules stop
/// there in both families.
std::size_t extension_length(std::uint8_t type, const std::uint8_t* at) {
    switch (type) {
    case kHopByHop:                                                // RFC 8200, 4.3
    case kRouting:                                                 // RFC 8200, 4.4
    case kDestinationOptions: return (std::size_t{at[1]} + 1) * 8; // RFC 8200, 4.6
    case kFragment: return 8;                                      // RFC 8200, 4.5
    default: return 0;
    }
}

/// RFC 8200, 4: false when the chain leaves the datagram or is longer than any honest one.
bool walk_extensions(Reader& reader, std::size_t end, Chain& chain, bool& is_fragment) {
    for (unsigned i = 0; is_walked(chain.next); ++i) {
        if (i == kMaxExtensions || chain.at + 8 > end || !reader.holds(chain.at, 8)) return false;
        const auto* header = reader.frame + chain.at;
        const auto length = extension_length(chain.next, header);
        if (chain.at + length > end) return false;
        if (chain.next == kFragment) {
            const auto fragment = read16(header + 2); // 13 bits offset, 2 reserved, M
            is_fragment = is_fragment || (fragment & 0xFFF9U) != 0;
            chain.later_fragment = (fragment & 0xFFF8U) != 0;
        }
        chain.next = header[0];
        chain.at += length;
        if (chain.later_fragment) return true; // what follows is somewhere inside the payload
    }
    return true;
}

/// Payload bytes behind the fixed header. A length of 0 with a hop-by-hop header is a jumbogram
/// (RFC 2675, 3), which reaches to the end of the frame.
std::size_t ipv6_payload(Reader& reader, std::size_t network) {
    const auto* header = reader.frame + network;
    const std::size_t stated = read16(header + 4);
    if (stated == 0 && header[6] == kHopByHop) return reader.wire_length - network - kIpv6Header;
    return stated;
}

} // namespace

// RFC 8200, 3.
Parsed read_ipv6(Reader& reader, std::size_t network) {
    if (!reader.holds(network, kIpv6Header)) return malformed();
    const auto* header = reader.frame + network;
    const auto payload = ipv6_payload(reader, network);
    const auto end = network + kIpv6Header + payload;
    if (header[0] >> 4U != 6 || end > reader.wire_length) return malformed();

    Parsed parsed;
    Chain chain{header[6], network + kIpv6Header};
    if (!walk_extensions(reader, end, chain, parsed.is_fragment)) return malformed();
    parsed.kind = Kind::ipv6;
    parsed.source = read128(header + 8);
    parsed.destination = read128(header + 24);
    parsed.protocol = chain.next;
    parsed.network = static_cast<std::uint32_t>(network);
    parsed.transport = static_cast<std::uint32_t>(chain.at);
    parsed.end = static_cast<std::uint32_t>(end);
    parsed.is_later_fragment = chain.later_fragment;
    if (!chain.later_fragment) read_ports(reader, parsed);
    return parsed;
}

Flow to_flow(const Parsed& parsed) {
    Flow flow{parsed.source_end().address, parsed.destination_end().address, parsed.protocol, {}};
    if (parsed.has_ports) flow.ports = Ports{parsed.source_port, parsed.destination_port};
    return flow;
}

} // namespace sweepgate::filter
