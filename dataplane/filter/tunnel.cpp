// SPDX-License-Identifier: Apache-2.0
// What an IP packet carries when it is a tunnel.
#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/reader.hpp"

namespace sweepgate::filter {

namespace {

/// RFC 2784, 2; RFC 2890, 2. Of the flags that a receiver must refuse, R (routing, RFC 1701)
/// would move the payload. Another version is another protocol (RFC 2637: PPTP).
Parsed read_gre(Reader& reader, std::size_t at) {
    constexpr unsigned kChecksum = 0x8000;
    constexpr unsigned kRouting = 0x4000;
    constexpr unsigned kKey = 0x2000;
    constexpr unsigned kSequence = 0x1000;
    constexpr unsigned kVersion = 0x0007;
    if (!reader.holds(at, 4)) return malformed();
    const auto flags = read16(reader.frame + at);
    const auto type = read16(reader.frame + at + 2);
    if ((flags & (kRouting | kVersion)) != 0) return {};
    std::size_t behind = at + 4;
    for (const auto flag : {kChecksum, kKey, kSequence})
        if ((flags & flag) != 0) behind += 4;
    return type == kTypeEthernet ? read_ethernet(reader, behind) : read_typed(reader, type, behind);
}

/// RFC 7348, 5: flags (1), reserved (3), network identifier (3), reserved (1). Without flag I
/// the receiver drops it.
Parsed read_vxlan(Reader& reader, std::size_t at) {
    if (!reader.holds(at, kUdpHeader + kVxlanHeader)) return malformed();
    if ((reader.frame[at + kUdpHeader] & 0x08U) == 0) return {};
    return read_ethernet(reader, at + kUdpHeader + kVxlanHeader);
}

Parsed read_inner(Reader& reader, const Parsed& outer) {
    switch (outer.protocol) {
    case kProtocolIpv4: return read_ipv4(reader, outer.transport); // RFC 2003, RFC 2473
    case kProtocolIpv6: return read_ipv6(reader, outer.transport); // RFC 4213, RFC 2473
    case kProtocolGre: return read_gre(reader, outer.transport);
    case kProtocolUdp:
        if (!outer.has_ports || outer.destination_port != kVxlanPort) return {};
        return read_vxlan(reader, outer.transport);
    default: return {};
    }
}

} // namespace

Parsed parse_inner(const std::uint8_t* frame, std::size_t length, const Parsed& outer) noexcept {
    if (!outer.is_ip() || outer.is_later_fragment) return {};
    // Of a fragment the inner datagram ends in a later one. Its addresses stand here all the
    // same, and without this piece nobody can put it together.
    constexpr std::size_t kLongestDatagram = 0xFFFF + kIpv6Header;
    const auto rest = outer.is_fragment ? kLongestDatagram : 0;
    Reader reader{frame, std::min<std::size_t>(length, outer.end), outer.end + rest};
    auto parsed = read_inner(reader, outer);
    parsed.is_cut = reader.cut;
    return parsed;
}

} // namespace sweepgate::filter
