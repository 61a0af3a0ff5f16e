// SPDX-License-Identifier: Apache-2.0
// IPv4 address -> class id.
//
// A bitmap over the top k bits answers nearly every miss with one load. Where its bit is set, the
// rank of the bit (set bits before it) is the index of a four-byte bucket: one prefix, from a host
// to the whole bucket, or a reference to a short sorted list of ranges. k follows the number of
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
        const auto differs = (content >> kIdBits & kPlace) ^ (address & offset_mask());
        if (differs >> (content >> kSizeBegin) == 0) [[likely]]
            return static_cast<ClassId>(content & kIds);
        return look_into_list(content, address);
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
    // A bucket, from its top bit on: 4 bits size, log2 of addresses; 1 bit, set for a list; 14 bits
    // place, the first address' offset in the bucket; 13 bits class id. An address lies in the
    // prefix when nothing is left of its offset xor the place behind a shift by the size: one
    // comparison for all prefixes, and with the list's bit in it none for a list. A list has size
    // 0 and 27 bits index into lists_.
    static constexpr unsigned kIdBits = 13;
    static constexpr std::uint32_t kIds = (1U << kIdBits) - 1;
    static constexpr std::uint32_t kPlace = 0x7FFF; // that of a list is none of a prefix
    static constexpr unsigned kSizeBegin = 28;
    static constexpr std::uint32_t kIsList = 1U << 27U;
    static constexpr std::uint32_t kIndex = kIsList - 1;

    /// Apart, so that the loop over those that are not listed stays small.
    [[nodiscard]] ClassId exact(std::uint32_t address) const noexcept;
    /// Where the bucket holds no prefix with that address.
    [[nodiscard]] ClassId look_into_list(std::uint32_t content,
                                         std::uint32_t address) const noexcept;
    /// What of an address tells where in its bucket it lies.
    [[nodiscard]] std::uint32_t offset_mask() const noexcept {
        return (std::uint32_t{1} << shift_) - 1;
    }
    [[nodiscard]] ClassId search(const List& list, std::uint32_t offset) const noexcept;

    unsigned shift_ = 14; // 32 - k
    std::span<const std::uint64_t> bits_;
    std::span<const std::uint32_t> blocks_;
    std::span<const std::uint16_t> ranks_;
    std::span<const std::uint32_t> buckets_;
    std::span<const List> lists_;
    std::span<const Part> parts_;
};

} // namespace sweepgate::filter
