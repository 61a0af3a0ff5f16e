// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/framing.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/parse.hpp"

namespace sweepgate::replay {

namespace {

using filter::read16;
using filter::read32;

// Link types (https://www.tcpdump.org/linktypes.html). Files also have numbers that an operating
// system gave raw IP before there were common ones.
constexpr std::uint32_t kNull = 0;
constexpr std::uint32_t kEthernet = 1;
constexpr std::uint32_t kPpp = 9;
constexpr std::array<std::uint32_t, 3> kRaw{12, 14, 101};
constexpr std::uint32_t kPppHdlc = 50;
constexpr std::uint32_t kPppEther = 51;
constexpr std::uint32_t kCiscoHdlc = 104;
constexpr std::uint32_t kLoop = 108;
constexpr std::uint32_t kCooked = 113;
constexpr std::uint32_t kPppPppd = 166; // a direction where PPP has its address
constexpr std::uint32_t kPppWithDirection = 204;
constexpr std::uint32_t kIpv4 = 228;
constexpr std::uint32_t kIpv6 = 229;
constexpr std::uint32_t kCooked2 = 276;

constexpr std::uint16_t kTypePpp = 0x880B; // of what else PPP carries

std::string link_text(std::uint32_t link) {
    static constexpr std::array<std::pair<std::uint32_t, const char*>, 18> kNames{
        {{6, "Token Ring"},
         {10, "FDDI"},
         {100, "ATM"},
         {105, "IEEE 802.11"},
         {107, "Frame Relay"},
         {117, "PFLOG"},
         {119, "IEEE 802.11 with Prism header"},
         {127, "IEEE 802.11 with radiotap header"},
         {147, "user"},
         {187, "Bluetooth"},
         {189, "USB"},
         {192, "PPI"},
         {195, "IEEE 802.15.4"},
         {201, "Bluetooth"},
         {220, "USB"},
         {227, "CAN"},
         {239, "NFLOG"},
         {253, "netlink"}}};
    for (const auto& [number, name] : kNames)
        if (number == link) return fmt::format("link type {} ({})", link, name);
    return fmt::format("link type {}", link);
}

constexpr auto* kCut = "cut short before what it carries is named";

} // namespace

void Framer::put_ethernet(const Packet& packet, std::size_t skipped, std::uint16_t type,
                          Framed& into) {
    made_.assign(filter::kEthernetHeader, 0);
    made_[12] = static_cast<std::uint8_t>(type >> 8U);
    made_[13] = static_cast<std::uint8_t>(type);
    const auto rest = packet.bytes.subspan(skipped);
    made_.insert(made_.end(), rest.begin(), rest.end());
    const auto length = static_cast<std::uint32_t>(made_.size());
    // Whatever a record says of its packet, lengths do not wrap.
    const auto missing =
        std::min(packet.wire_length - static_cast<std::uint32_t>(packet.bytes.size()),
                 std::numeric_limits<std::uint32_t>::max() - length);
    into.frame = {made_.data(), length, length + missing};
}

/// RFC 1661, 2; RFC 1662, 3.1: perhaps FF 03, then a protocol number whose last byte alone is odd.
void Framer::frame_ppp(const Packet& packet, std::size_t at, Framed& into) {
    const auto bytes = packet.bytes;
    if (bytes.size() >= at + 2 && bytes[at] == 0xFF && bytes[at + 1] == 0x03) at += 2;
    const auto start = at;
    std::uint16_t protocol = 0;
    if (at < bytes.size()) protocol = bytes[at++];
    if ((protocol & 1U) == 0 && at < bytes.size())
        protocol = static_cast<std::uint16_t>(protocol << 8U | bytes[at++]);
    if ((protocol & 1U) == 0) {
        into.unjudged = kCut;
        return;
    }
    switch (protocol) {
    case filter::kPppIpv4: return put_ethernet(packet, at, filter::kTypeIpv4, into);
    case filter::kPppIpv6: return put_ethernet(packet, at, filter::kTypeIpv6, into);
    case 0x0281: return put_ethernet(packet, at, filter::kTypeLabels, into); // RFC 3032, 4.3
    case 0x0283: return put_ethernet(packet, at, filter::kTypeLabelsOfGroup, into);
    default: return put_ethernet(packet, start, kTypePpp, into);
    }
}

/// The address family of the machine that captured, in its byte order (LOOP: in network order).
/// IPv4 is 2 everywhere; IPv6 has a number in each system.
void Framer::frame_loopback(const Packet& packet, Framed& into) {
    if (packet.bytes.size() < 4) {
        into.unjudged = kCut;
        return;
    }
    const auto stated = read32(packet.bytes.data());
    const auto family = stated > 0xFFFF ? __builtin_bswap32(stated) : stated;
    switch (family) {
    case 2: return put_ethernet(packet, 4, filter::kTypeIpv4, into);
    case 10: // Linux
    case 23: // Windows
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // macOS
        return put_ethernet(packet, 4, filter::kTypeIpv6, into);
    default: into.unjudged = fmt::format("loopback with address family {}", family);
    }
}

void Framer::frame_raw(const Packet& packet, Framed& into) {
    if (packet.bytes.empty()) {
        into.unjudged = kCut;
        return;
    }
    switch (packet.bytes[0] >> 4U) {
    case 4: return put_ethernet(packet, 0, filter::kTypeIpv4, into);
    case 6: return put_ethernet(packet, 0, filter::kTypeIpv6, into);
    default: into.unjudged = "raw, and neither IPv4 nor IPv6";
    }
}

/// `tcpdump -i any`. What the protocol field means follows from the kind of hardware.
void Framer::frame_cooked(const Packet& packet, std::size_t header, std::size_t protocol_at,
                          std::size_t hardware_at, Framed& into) {
    constexpr std::uint16_t kNetlink = 824; // ARPHRD_NETLINK
    constexpr std::uint16_t kRadio = 801;   // ARPHRD_IEEE80211 to _RADIOTAP
    constexpr std::uint16_t kRadiotap = 803;
    constexpr std::uint16_t kFrameRelay = 770; // ARPHRD_FRAD, whose header comes first
    constexpr std::uint16_t kCan = 280;
    if (packet.bytes.size() < header) {
        into.unjudged = kCut;
        return;
    }
    const auto hardware = read16(packet.bytes.data() + hardware_at);
    if (hardware == kNetlink)
        into.unjudged = "cooked: netlink";
    else if (hardware >= kRadio && hardware <= kRadiotap)
        into.unjudged = "cooked: IEEE 802.11";
    else if (hardware == kFrameRelay)
        into.unjudged = "cooked: Frame Relay";
    else if (hardware == kCan)
        into.unjudged = "cooked: CAN";
    else
        put_ethernet(packet, header, read16(packet.bytes.data() + protocol_at), into);
}

Framed Framer::frame(const Packet& packet) {
    Framed framed;
    const auto bytes = packet.bytes;
    const auto length = static_cast<std::uint32_t>(bytes.size());
    if (std::find(kRaw.begin(), kRaw.end(), packet.link) != kRaw.end()) {
        frame_raw(packet, framed);
    } else {
        switch (packet.link) {
        case kEthernet: framed.frame = {bytes.data(), length, packet.wire_length}; break;
        case kIpv4: put_ethernet(packet, 0, filter::kTypeIpv4, framed); break;
        case kIpv6: put_ethernet(packet, 0, filter::kTypeIpv6, framed); break;
        case kNull:
        case kLoop: frame_loopback(packet, framed); break;
        case kCooked: frame_cooked(packet, 16, 14, 2, framed); break;
        case kCooked2: frame_cooked(packet, 20, 0, 8, framed); break;
        case kPppEther: put_ethernet(packet, 0, filter::kTypeSession, framed); break;
        case kPpp: frame_ppp(packet, 0, framed); break;
        case kPppPppd:
            if (length < 2)
                framed.unjudged = kCut;
            else
                frame_ppp(packet, bytes[1] == 0x03 ? 2 : 1, framed);
            break;
        case kPppWithDirection: frame_ppp(packet, 1, framed); break;
        case kPppHdlc:
        case kCiscoHdlc: {
            // RFC 1547, 4.3.1: 0F or 8F, 0, EtherType.
            const bool is_cisco = length >= 2 && (bytes[0] & 0x7FU) == 0x0F && bytes[1] == 0;
            if (!is_cisco && packet.link == kPppHdlc)
                frame_ppp(packet, 0, framed);
            else if (length < 4)
                framed.unjudged = kCut;
            else if (!is_cisco)
                framed.unjudged = "HDLC that is not Cisco's";
            else
                put_ethernet(packet, 4, read16(bytes.data() + 2), framed);
            break;
        }
        default: framed.unjudged = link_text(packet.link);
        }
    }
    if (framed.unjudged.empty()) fill_in_length(framed);
    return framed;
}

namespace {

/// Where what calls itself IP begins, behind tags, labels and a PPPoE session; 0: nowhere.
std::size_t find_ip(const filter::Frame& frame) {
    auto at = filter::kEthernetHeader;
    for (unsigned tags = 0; tags < filter::kMaxTags; ++tags, at += filter::kTagBytes)
        if (frame.length < at || filter::is_tag(read16(frame.bytes + at - 2)) == 0) break;
    if (frame.length < at) return 0;
    switch (read16(frame.bytes + at - 2)) {
    case filter::kTypeIpv4:
    case filter::kTypeIpv6: return at;
    case filter::kTypeLabels:
    case filter::kTypeLabelsOfGroup:
        for (unsigned labels = 0; labels < filter::kMaxLabels; ++labels) {
            at += filter::kLabelBytes;
            if (frame.length < at) return 0;
            if ((frame.bytes[at - 2] & 1U) != 0) return at; // the bottom of the stack
        }
        return 0;
    case filter::kTypeSession: {
        at += filter::kSessionHeader + 2;
        if (frame.length < at) return 0;
        const auto protocol = read16(frame.bytes + at - 2);
        return protocol == filter::kPppIpv4 || protocol == filter::kPppIpv6 ? at : 0;
    }
    default: return 0;
    }
}

} // namespace

/// IPv4 with a total length of 0, and IPv6 with a payload length of 0 that says what follows: of
/// TCP segmentation offload, or longer than 65,535 bytes. tcpdump and Wireshark read them alike.
void Framer::fill_in_length(Framed& framed) {
    constexpr std::uint32_t kMost = 0xFFFF;
    constexpr std::uint8_t kNoNextHeader = 59;
    constexpr std::uint8_t kHopByHop = 0; // with this it may be a jumbogram, which the filter knows
    const auto& frame = framed.frame;
    const auto network = find_ip(frame);
    if (network == 0 || frame.length < network + filter::kIpv4Header) return;
    const auto* header = frame.bytes + network;
    const bool is_ipv4 = header[0] >> 4U == 4;
    const bool is_ipv6 = header[0] >> 4U == 6 && frame.length >= network + filter::kIpv6Header &&
                         header[6] != kNoNextHeader && header[6] != kHopByHop;
    if (!is_ipv4 && !is_ipv6) return;
    const std::size_t field = network + (is_ipv4 ? 2 : 4);
    if (read16(frame.bytes + field) != 0) return;
    const auto behind = static_cast<std::uint32_t>(network + (is_ipv4 ? 0 : filter::kIpv6Header));
    const auto length = std::min(frame.wire_length - behind, kMost);
    if (length == 0) return;
    if (frame.bytes != made_.data()) made_.assign(frame.bytes, frame.bytes + frame.length);
    made_[field] = static_cast<std::uint8_t>(length >> 8U);
    made_[field + 1] = static_cast<std::uint8_t>(length);
    framed.frame.bytes = made_.data();
    framed.is_unsegmented = true;
}

namespace {

struct TypeName {
    std::uint16_t type;
    const char* name;
    bool may_carry_ip;
};
// EtherTypes (IANA ieee-802-numbers).
constexpr std::array<TypeName, 18> kTypes{{{0x0806, "ARP", false},
                                           {0x8035, "RARP", false},
                                           {0x8100, "more than 8 VLAN tags", true},
                                           {0x8137, "IPX", false},
                                           {0x8808, "pause frames", false},
                                           {0x8809, "slow protocols (LACP)", false},
                                           {kTypePpp, "PPP other than IP", false},
                                           {0x8847, "MPLS without IP", false},
                                           {0x8848, "MPLS without IP", false},
                                           {0x8863, "PPPoE discovery", false},
                                           {0x8864, "PPPoE without IP", false},
                                           {0x888E, "802.1X", false},
                                           {0x88CC, "LLDP", false},
                                           {0x88E5, "802.1AE (MACsec)", true},
                                           {0x88E7, "802.1ah (provider backbone)", true},
                                           {0x88F7, "PTP", false},
                                           {0x8909, "Cisco MetaData (0x8909)", true},
                                           {0x893F, "802.1BR (0x893F)", true}}};

/// IEEE 802.3 with a length where the type stands; 802.2 behind it.
std::string llc_kind(const filter::Frame& frame, std::size_t at) {
    const auto* llc = frame.bytes + at;
    const bool is_snap = frame.length >= at + 8 && llc[0] == 0xAA && llc[1] == 0xAA;
    if (!is_snap) return "802.2 LLC (STP and others)";
    const auto type = read16(llc + 6);
    const bool is_ip = type == filter::kTypeIpv4 || type == filter::kTypeIpv6;
    return is_ip ? "IP in 802.2 SNAP, not looked into" : "802.2 SNAP";
}

} // namespace

std::string kind_of_not_ip(const filter::Frame& frame) {
    constexpr std::uint16_t kLeastType = 0x0600; // below: a length (IEEE 802.3, 3.2.6)
    auto at = filter::kEthernetHeader;
    if (frame.length < at) return "too short";
    auto type = read16(frame.bytes + at - 2);
    for (unsigned tags = 0; filter::is_tag(type) != 0 && tags < filter::kMaxTags; ++tags) {
        at += filter::kTagBytes;
        if (frame.length < at) return "too short";
        type = read16(frame.bytes + at - 2);
    }
    if (type < kLeastType) return llc_kind(frame, at);
    if (filter::is_tag(type) != 0) type = filter::kTypeTag;
    for (const auto& known : kTypes)
        if (known.type == type)
            return std::string(known.name) + (known.may_carry_ip ? ", not looked into" : "");
    return fmt::format("type 0x{:04X}", type);
}

} // namespace sweepgate::replay
