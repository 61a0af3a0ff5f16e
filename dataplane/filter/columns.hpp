// SPDX-License-Identifier: Apache-2.0
// The headers of a burst by column, for the vector screens.
//
// A gather of eight words from eight packets costs as much as some twenty plain loads, so plain
// loads and stores bring the columns together for the whole burst before the first vector is
// loaded: by then the stores have left the store buffer, which a vector load over several of them
// would have to wait for.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/listed.hpp"
#include "dataplane/filter/screens.hpp"

namespace sweepgate::filter {

/// Row i is packet i. What lies in rows behind the burst's count is undefined.
struct Columns {
    /// Eight bytes from the EtherType on: type (2), version and header length (1), class (1),
    /// IPv4 total length or half a flow label (2), 2 more or IPv6 payload length. Zero when the
    /// frame is too short for an IPv4 header.
    alignas(64) std::array<std::uint64_t, kMaxBurst> types;
    /// IPv4 source and destination, as they lie in memory.
    alignas(64) std::array<std::uint64_t, kMaxBurst> pairs;
    /// Bytes from `frames` on.
    alignas(64) std::array<std::uint32_t, kMaxBurst> lengths;
    /// Where the frame begins; four bytes behind that for each VLAN tag that was skipped.
    std::array<const std::uint8_t*, kMaxBurst> frames;

    /// End 2 i is the source of packet i, end 2 i + 1 its destination.
    [[nodiscard]] std::uint32_t ipv4(std::size_t end) const {
        return __builtin_bswap32(static_cast<std::uint32_t>(pairs[end / 2] >> (32 * (end % 2))));
    }
};

/// Ends of plain IPv4 packets that the table's map lets through.
struct Found4 {
    std::array<std::uint8_t, 2 * kMaxBurst> ends; // 2 * packet, and 1 more for the destination
    alignas(64) std::array<std::uint32_t, 2 * kMaxBurst> addresses; // host order
    std::size_t count = 0;

    void add(const Columns& columns, std::size_t end) {
        ends[count] = static_cast<std::uint8_t>(end);
        addresses[count++] = columns.ipv4(end);
    }
};

/// First all buckets, so that they are fetched side by side.
[[gnu::always_inline]] inline void look_up(const Table4& table, const Found4& found,
                                           Listed& listed) {
    std::array<std::uint32_t, 2 * kMaxBurst> contents;
    const auto count = found.count;
    for (std::size_t i = 0; i < count; ++i) contents[i] = table.content_of(found.addresses[i]);
    for (std::size_t i = 0; i < count; ++i)
        listed.keep(found.ends[i], table.look_into(contents[i], found.addresses[i]));
}

/// What the types say of a burst; bit i is packet i.
struct Kinds {
    std::uint64_t ipv4 = 0; // plain
    std::uint64_t ipv6 = 0; // begin as such
    std::uint64_t tagged = 0;

    [[nodiscard]] Kinds within(std::size_t count) const {
        const auto inside = bits_of(count);
        return {ipv4 & inside, ipv6 & inside, tagged & inside};
    }
};

/// Reads row i at frames[i] again.
[[gnu::always_inline]] inline void read_row(Columns& columns, std::size_t i) {
    const auto* frame = columns.frames[i];
    if (columns.lengths[i] < kEthernetHeader + kIpv4Header) [[unlikely]] {
        columns.types[i] = 0;
        return;
    }
    columns.types[i] = load<std::uint64_t>(frame + kEthernetHeader - 2);
    columns.pairs[i] = load<std::uint64_t>(frame + kEthernetHeader + 12);
}

template <typename Packet>
[[gnu::always_inline]] inline void read_columns(const Packet* packets, std::size_t count,
                                                Columns& columns) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto& frame = frame_of(packets[i]);
        columns.frames[i] = frame.bytes;
        columns.lengths[i] = frame.length;
        read_row(columns, i);
    }
}

/// Of packets that have a tag: moves on behind the last that a plain packet may have.
[[gnu::always_inline]] inline void skip_tags(Columns& columns, std::uint64_t tagged) {
    for (; tagged != 0; tagged &= tagged - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(tagged));
        const auto* behind = columns.frames[i] + kEthernetHeader + kTagBytes;
        // A row of more than 34 bytes holds the type behind its first tag.
        const auto bytes = is_tag(read16(behind - 2)) ? kMaxPlainTags * kTagBytes : kTagBytes;
        columns.frames[i] += bytes;
        columns.lengths[i] -= static_cast<std::uint32_t>(bytes);
        read_row(columns, i);
    }
}

/// The ends of the plain IPv6 packets of a burst, densely: number 2 n is the source of packet
/// packets[n], number 2 n + 1 its destination.
struct Ipv6Ends {
    /// The address' first 32 bits, in host order.
    alignas(64) std::array<std::uint32_t, 2 * kMaxBurst> top;
    std::array<std::uint8_t, kMaxBurst> packets;
    unsigned count = 0;

    /// The end's number in its burst.
    [[nodiscard]] std::size_t end(unsigned at) const { return 2U * packets[at / 2] + at % 2; }
    [[nodiscard]] const std::uint8_t* address(const Columns& columns, unsigned at) const {
        return columns.frames[packets[at / 2]] + kFirstAddress + (at % 2 * sizeof(Uint128));
    }
    static constexpr std::size_t kFirstAddress = kEthernetHeader + 8;
};

/// Collects those of `candidates`, whose headers begin as IPv6, that are plain; returns them.
[[gnu::always_inline]] inline std::uint64_t collect_ipv6(const Columns& columns,
                                                         std::uint64_t candidates, Ipv6Ends& ends) {
    std::uint64_t plain = 0;
    for (; candidates != 0; candidates &= candidates - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(candidates));
        const auto* frame = columns.frames[i];
        const auto* header = frame + kEthernetHeader;
        if (columns.lengths[i] < kEthernetHeader + kIpv6Header ||
            kEthernetHeader + kIpv6Header + read16(header + 4) > columns.lengths[i] ||
            is_walked(header[6])) [[unlikely]]
            continue;
        plain |= candidates & (~candidates + 1);
        const auto n = ends.count++;
        ends.packets[n] = static_cast<std::uint8_t>(i);
        const auto* address = frame + Ipv6Ends::kFirstAddress;
        ends.top[std::size_t{2} * n] = read32(address);
        ends.top[(std::size_t{2} * n) + 1] = read32(address + sizeof(Uint128));
    }
    return plain;
}

} // namespace sweepgate::filter
