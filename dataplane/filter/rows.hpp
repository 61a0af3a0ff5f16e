// SPDX-License-Identifier: Apache-2.0
// A burst as the vector screens read it.
//
// All that tells a plain IPv4 packet lies in the 32 bytes from the third on, its addresses in the
// last eight of them: one load a packet, and a few shuffles for eight packets, bring type and
// addresses into columns. A gather of eight words costs as much as some twenty plain loads; words
// stored one by one and loaded as a vector wait until they have left the store buffer.
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

/// Some packets of a burst, in its order.
struct Rows {
    /// Most packets that a screen reads at once: there are so many more rows, of no kind.
    static constexpr std::size_t kRead = 8;
    static constexpr std::size_t kShortest = kEthernetHeader + kIpv4Header;
    static constexpr std::size_t kReadFrom = kShortest - 32; // the 32 bytes of a row
    static constexpr std::array<std::uint8_t, kShortest> kNothing{};

    /// Where the frame begins; four bytes behind that for each VLAN tag that was skipped. kNothing
    /// when less than kShortest is left.
    std::array<const std::uint8_t*, kMaxBurst + kRead> frames;
    /// Bytes from `frames` on.
    alignas(64) std::array<std::uint32_t, kMaxBurst + kRead> lengths;
    /// Row i's are number 2 i and 2 i + 1.
    const End* ends;
    std::size_t count = 0;

    [[gnu::always_inline]] void set(std::size_t row, const std::uint8_t* frame,
                                    std::size_t length) {
        frames[row] = length < kShortest ? kNothing.data() : frame;
        lengths[row] = static_cast<std::uint32_t>(length);
    }
    [[gnu::always_inline]] void end_at(std::size_t rows) {
        count = rows;
        for (std::size_t i = 0; i < kRead; ++i) frames[rows + i] = kNothing.data();
    }
};

inline constexpr auto kEnds = [] {
    std::array<End, 2 * kMaxBurst> ends{};
    for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = static_cast<End>(i);
    return ends;
}();

template <typename Packet>
[[gnu::always_inline]] inline void read_rows(const Packet* packets, std::size_t count, Rows& rows) {
    std::uint32_t shortness = 0;
#pragma GCC unroll 2
    for (std::size_t i = 0; i < count; ++i) {
        const auto& frame = frame_of(packets[i]);
        rows.frames[i] = frame.bytes;
        rows.lengths[i] = static_cast<std::uint32_t>(frame.length);
        shortness |= rows.lengths[i] - static_cast<std::uint32_t>(Rows::kShortest);
    }
    // One look for all: the highest bit is set where one is too short, or longer than any frame.
    if (shortness >> 31U != 0) [[unlikely]]
        for (std::size_t i = 0; i < count; ++i) rows.set(i, rows.frames[i], rows.lengths[i]);
    rows.end_at(count);
    rows.ends = kEnds.data();
}

/// Rows that have a tag, behind the last one that a plain packet may have.
struct UntaggedRows : Rows {
    [[gnu::always_inline]] UntaggedRows(const Rows& all, std::uint64_t tagged) {
        std::size_t rows = 0;
        for (; tagged != 0; tagged &= tagged - 1, ++rows) {
            const auto i = static_cast<unsigned>(std::countr_zero(tagged));
            const auto* behind = all.frames[i] + kEthernetHeader + kTagBytes;
            // A row that is not too short holds the type behind its first tag.
            static_assert(kMaxPlainTags == 2);
            const auto tags = static_cast<std::uint8_t>(1 + is_tag(read16(behind - 2)));
            const auto source = static_cast<End>(2 * i + shape(tags, false));
            own_ends_[2 * rows] = source;
            own_ends_[2 * rows + 1] = static_cast<End>(source + 1);
            const auto bytes = kTagBytes * tags;
            set(rows, all.frames[i] + bytes, all.lengths[i] - static_cast<std::uint32_t>(bytes));
        }
        end_at(rows);
        ends = own_ends_.data();
    }
    UntaggedRows(const UntaggedRows&) = delete;
    UntaggedRows& operator=(const UntaggedRows&) = delete;

private:
    std::array<End, 2 * kMaxBurst> own_ends_;
};

/// The ends of some rows, as a screen tests them against the table's map. Bits and not a list: what
/// the map lets through is hard to foresee, and a branch on it waits for what was fetched.
struct Tested4 {
    static constexpr std::size_t kWordRows = 32; // two ends a row
    static constexpr std::size_t kWords = kMaxBurst / kWordRows;

    std::array<std::uint64_t, kWords> found{}; // bit 2 i: row i's source; 2 i + 1: its destination
    alignas(64) std::array<std::uint32_t, 2 * (kMaxBurst + Rows::kRead)> addresses; // host order

    /// `ends` of the rows from `row` on, which lie in one word.
    [[gnu::always_inline]] void keep(std::size_t row, std::uint64_t ends) {
        found[row / kWordRows] |= ends << (2 * (row % kWordRows));
    }
    [[nodiscard]] bool any() const {
        static_assert(kWords == 2);
        return (found[0] | found[1]) != 0;
    }
};

/// Ends of plain IPv4 packets that the map lets through.
struct Found4 {
    static constexpr std::size_t kRoom = 2 * kMaxBurst + 16; // sixteen are written at once
    std::array<End, kRoom> ends;
    std::array<std::uint32_t, kRoom> addresses;
    std::array<std::uint32_t, kRoom> contents; // of their buckets
    std::size_t count = 0;

    /// Adds what one word of bits says. Reads buckets before any is looked into, so that they are
    /// fetched side by side.
    [[gnu::always_inline]] void add(const Table4& table, const Rows& rows, const Tested4& tested,
                                    std::size_t word) {
        auto next = count; // in a register
        for (auto left = tested.found[word]; left != 0; left &= left - 1) {
            const auto end = 64 * word + static_cast<unsigned>(std::countr_zero(left));
            const auto address = tested.addresses[end];
            contents[next] = table.content_of(address);
            addresses[next] = address;
            ends[next++] = rows.ends[end];
        }
        count = next;
    }
    [[gnu::always_inline]] void add(const Table4& table, const Rows& rows, const Tested4& tested) {
        for (std::size_t word = 0; word < Tested4::kWords; ++word) add(table, rows, tested, word);
    }
    [[gnu::always_inline]] void look_up(const Table4& table, Listed& listed) const {
        for (std::size_t i = 0; i < count; ++i)
            listed.keep(ends[i], table.look_into(contents[i], addresses[i]));
    }
};

/// What the types say of rows; bit i is row i.
struct Kinds {
    std::uint64_t not_ipv4 = 0; // no plain IPv4
    std::uint64_t ipv6 = 0;     // begin as such
    std::uint64_t tagged = 0;
};

/// The ends of plain IPv6 packets, densely: number 2 n is a packet's source, number 2 n + 1 its
/// destination.
struct Ipv6Ends {
    /// The address' first 32 bits, in host order.
    alignas(64) std::array<std::uint32_t, 2 * kMaxBurst> top;
    std::array<const std::uint8_t*, kMaxBurst> sources;
    std::array<End, kMaxBurst> source_ends;
    unsigned count = 0; // of packets

    [[nodiscard]] End end(unsigned at) const {
        return static_cast<End>(source_ends[at / 2] + at % 2);
    }
    [[nodiscard]] const std::uint8_t* address(unsigned at) const {
        return sources[at / 2] + (at % 2 * sizeof(Uint128));
    }

    /// Adds those of `candidates`, whose headers begin as IPv6, that are plain; returns them.
    [[gnu::always_inline]] std::uint64_t collect(const Rows& rows, std::uint64_t candidates) {
        std::uint64_t plain = 0;
        for (; candidates != 0; candidates &= candidates - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(candidates));
            const auto* header = rows.frames[i] + kEthernetHeader;
            if (rows.lengths[i] < kEthernetHeader + kIpv6Header ||
                kEthernetHeader + kIpv6Header + read16(header + 4) > rows.lengths[i] ||
                is_walked(header[6])) [[unlikely]]
                continue;
            plain |= candidates & (~candidates + 1);
            const auto* source = header + 8;
            source_ends[count] = static_cast<End>(rows.ends[2 * i] + shape(0, true));
            sources[count] = source;
            top[std::size_t{2} * count] = read32(source);
            top[(std::size_t{2} * count) + 1] = read32(source + sizeof(Uint128));
            ++count;
        }
        return plain;
    }
};

} // namespace sweepgate::filter
