// SPDX-License-Identifier: Apache-2.0
// IPv4 address -> class id.
//
// A bitmap over the top k bits answers nearly every miss with one load. Where its bit is set, the
// rank of the bit (set bits before it) is the index of a four-byte bucket: one host, one class
// for the whole bucket, or a reference to a short sorted list of ranges. k follows the number of
// ranges, 32 bits of map a range: fewer bits send strangers to the buckets, more leave the cache.
// Not for sets that change address by address: a change is a rebuild (milliseconds at 100k).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/filter/arena.hpp"
#include "dataplane/filter/flatten.hpp"

namespace sweepgate::filter {

class Table4 {
public:
    Table4() noexcept; // empty
    /// `stretches` are ascending and disjoint. The table lies in `arena`.
    Table4(const std::vector<Stretch4>& stretches, Arena& arena);

    [[nodiscard, gnu::always_inline]] ClassId lookup(std::uint32_t address) const noexcept {
        const auto slot = address >> shift_;
        if (((bits_[slot / 64] >> (slot % 64)) & 1U) == 0) return kUnlisted;
        return exact(address);
    }
    [[nodiscard]] std::size_t memory_bytes() const;

    // The same step by step, for screens that look up many at once.

    /// Only where bit `slot % 32` of bits[slot / 32] is set, with slot = address >> shift, may an
    /// address be listed.
    struct Map {
        const std::uint32_t* bits;
        unsigned shift;
    };
    [[nodiscard]] Map map() const noexcept {
        static_assert(std::endian::native == std::endian::little);
        return {reinterpret_cast<const std::uint32_t*>(bits_.data()), shift_};
    }
    /// Of an address whose bit is set: what its bucket holds, for look_into().
    [[nodiscard]] std::uint32_t content_of(std::uint32_t address) const noexcept {
        const auto slot = address >> shift_;
        const auto below = bits_[slot / 64] & ((std::uint64_t{1} << (slot % 64)) - 1);
        return buckets_[blocks_[slot / kBlock] + ranks_[slot / 64] +
                        static_cast<unsigned>(std::popcount(below))];
    }
    [[nodiscard]] ClassId look_into(std::uint32_t content, std::uint32_t address) const noexcept {
        const auto offset = address & ((std::uint32_t{1} << shift_) - 1);
        const auto id = static_cast<ClassId>(content);
        const auto form = content >> 30U;
        if (form == kHost) [[likely]]
            return content >> 16U == offset ? id : kUnlisted;
        if (form == kWhole) return id;
        if (form == kList) return search(lists_[content & kIndex], offset);
        const auto& part = parts_[content & kIndex];
        return offset - part.first <= std::uint32_t{part.last} - part.first ? part.id : kUnlisted;
    }

private:
    struct Part { // of one bucket; offsets from the bucket's first address, inclusive
        std::uint16_t first;
        std::uint16_t last;
        ClassId id;
    };
    struct List { // parts_[begin, begin + count)
        std::uint32_t begin;
        std::uint32_t count;
    };
    struct Draft;
    static constexpr std::uint32_t kBlock = 1U << 16U; // ranks within it fit 16 bits
    static constexpr std::uint32_t kIndex = 0x3FFFFFFF;
    // A bucket: form in the two top bits, then
    static constexpr std::uint32_t kHost = 0;  // 14 bits offset in the bucket, 16 bits class id
    static constexpr std::uint32_t kWhole = 1; // 14 bits zero, 16 bits class id
    static constexpr std::uint32_t kPart = 2;  // 30 bits index into parts_
    static constexpr std::uint32_t kList = 3;  // 30 bits index into lists_

    /// Apart, so that the loop over those that are not listed stays small.
    [[nodiscard]] ClassId exact(std::uint32_t address) const noexcept;
    [[nodiscard]] ClassId search(const List& list, std::uint32_t offset) const noexcept;
    void count_ranks(Arena& arena);

    unsigned shift_ = 14; // 32 - k
    std::span<const std::uint64_t> bits_;
    std::span<const std::uint32_t> blocks_;
    std::span<const std::uint16_t> ranks_;
    std::span<const std::uint32_t> buckets_;
    std::span<const List> lists_;
    std::span<const Part> parts_;
};

} // namespace sweepgate::filter
