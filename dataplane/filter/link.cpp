// SPDX-License-Identifier: Apache-2.0
// From the frame to its IP header: tags, label stacks, PPPoE sessions.
#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/reader.hpp"

namespace sweepgate::filter {

namespace {

/// RFC 3032, 2.1: label (20 bits), class (3), bottom of stack (1), TTL (8). Nothing names what
/// lies under the stack; it is IP when its first nibble says so (RFC 4928, 3).
Parsed read_labels(Reader& reader, std::size_t at) {
    for (unsigned labels = 0; labels < kMaxLabels; ++labels) {
        if (!reader.holds(at, kLabelBytes + 1)) return malformed();
        const bool is_bottom = (reader.frame[at + 2] & 1U) != 0;
        at += kLabelBytes;
        if (!is_bottom) continue;
        const auto version = reader.frame[at] >> 4U;
        auto parsed = version == 4   ? read_ipv4(reader, at)
                      : version == 6 ? read_ipv6(reader, at)
                                     : Parsed{};
        parsed.is_labelled = true;
        return parsed;
    }
    return {};
}

/// RFC 2516, 4 and 6: version 1 and type 1, code 0, session, length of what follows. A peer may
/// take any version and code for a session (Linux does), so they must be right.
Parsed read_session(Reader& reader, std::size_t at) {
    if (!reader.holds(at, kSessionHeader)) return malformed();
    const auto* header = reader.frame + at;
    const std::size_t length = read16(header + 4);
    if (header[0] != 0x11 || header[1] != 0 || length > reader.wire_length - at - kSessionHeader)
        return malformed();
    reader.end_at(at + kSessionHeader + length);

    // RFC 1661, 2: the last byte of a protocol number is odd, all before it are even; so a
    // number compressed to one byte (6.5) is told from one of two.
    auto inside = at + kSessionHeader;
    if (!reader.holds(inside, 1)) return malformed();
    std::uint16_t protocol = reader.frame[inside++];
    if ((protocol & 1U) == 0) {
        if (!reader.holds(inside, 1)) return malformed();
        protocol = static_cast<std::uint16_t>(protocol << 8U | reader.frame[inside++]);
    }
    auto parsed = protocol == kPppIpv4   ? read_ipv4(reader, inside)
                  : protocol == kPppIpv6 ? read_ipv6(reader, inside)
                                         : Parsed{};
    parsed.session = static_cast<std::uint32_t>(at);
    return parsed;
}

} // namespace

Parsed read_typed(Reader& reader, std::uint16_t type, std::size_t at) {
    for (unsigned tags = 0; is_tag(type) && tags < kMaxTags; ++tags) {
        if (!reader.holds(at, kTagBytes)) return malformed();
        type = read16(reader.frame + at + 2);
        at += kTagBytes;
    }
    switch (type) {
    case kTypeIpv4: return read_ipv4(reader, at);
    case kTypeIpv6: return read_ipv6(reader, at);
    case kTypeLabels:
    case kTypeLabelsOfGroup: return read_labels(reader, at);
    case kTypeSession: return read_session(reader, at);
    default: return {};
    }
}

Parsed read_ethernet(Reader& reader, std::size_t at) {
    if (!reader.holds(at, kEthernetHeader)) return malformed();
    const auto behind = at + kEthernetHeader;
    return read_typed(reader, read16(reader.frame + behind - 2), behind);
}

Parsed parse(const std::uint8_t* frame, std::size_t length, std::size_t wire_length) noexcept {
    Reader reader{frame, std::min(length, wire_length), wire_length};
    auto parsed = read_ethernet(reader, 0);
    parsed.is_cut = reader.cut;
    return parsed;
}

Parsed parse(const std::uint8_t* frame, std::size_t length) noexcept {
    return parse(frame, length, length);
}

} // namespace sweepgate::filter
