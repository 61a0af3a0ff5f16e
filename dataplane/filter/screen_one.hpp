// SPDX-License-Identifier: Apache-2.0
// One packet without vector registers; for the screens alone.
#pragma once

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/listed.hpp"
#include "dataplane/filter/screens.hpp"

namespace sweepgate::filter {

struct Ends {
    bool plain = false;
    ClassId source = kUnlisted;
    ClassId destination = kUnlisted;
    std::size_t network = 0; // where the IP header begins
};

inline Ends look_up_ipv4(const Tables& tables, const std::uint8_t* header, std::size_t room) {
    const std::size_t total_length = read16(header + 2);
    if (header[0] != 0x45 || total_length < kIpv4Header || total_length > room) return {};
    return {true, tables.ipv4().lookup(read32(header + 12)),
            tables.ipv4().lookup(read32(header + 16))};
}

inline Ends look_up_ipv6(const Tables& tables, const std::uint8_t* header, std::size_t room) {
    if (room < kIpv6Header || header[0] >> 4U != 6 || is_walked(header[6]) ||
        kIpv6Header + read16(header + 4) > room)
        return {};
    return {true, tables.ipv6().lookup(read128(header + 8)),
            tables.ipv6().lookup(read128(header + 24))};
}

[[gnu::always_inline]] inline Ends look_up(const Tables& tables, const Frame& frame) {
    auto network = kEthernetHeader;
    if (frame.length < network + kIpv4Header) return {};
    auto type = read16(frame.bytes + network - 2);
    for (std::size_t tags = 0; is_tag(type) && tags < kMaxPlainTags; ++tags) {
        network += kTagBytes;
        if (frame.length < network + kIpv4Header) return {};
        type = read16(frame.bytes + network - 2);
    }
    const auto room = frame.length - network;
    Ends ends;
    if (type == kTypeIpv4) ends = look_up_ipv4(tables, frame.bytes + network, room);
    if (type == kTypeIpv6) ends = look_up_ipv6(tables, frame.bytes + network, room);
    ends.network = network;
    return ends;
}

/// Adds packet i to what has been screened.
[[gnu::always_inline]] inline void screen_one(const Tables& tables, const Frame& frame,
                                              std::size_t i, Screened& screened, Listed& listed) {
    const auto ends = look_up(tables, frame);
    if (!ends.plain) {
        screened.odd |= std::uint64_t{1} << i;
    } else if ((ends.source | ends.destination) != kUnlisted) [[unlikely]] {
        const auto tags = static_cast<std::uint8_t>((ends.network - kEthernetHeader) / kTagBytes);
        const bool is_ipv6 = frame.bytes[ends.network] >> 4U == 6;
        const auto source = static_cast<End>(2 * i + shape(tags, is_ipv6));
        listed.keep(source, ends.source);
        listed.keep(static_cast<End>(source + 1), ends.destination);
    }
}

} // namespace sweepgate::filter
