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

    [[nodiscard]] ClassId lookup(std::uint32_t address) const noexcept {
        const auto slot = address >> shift_;
        const auto word = bits_[slot / 64];
        if (((word >> (slot % 64)) & 1U) == 0) return kUnlisted;
        const auto before = word & ((std::uint64_t{1} << (slot % 64)) - 1);
        const auto bucket = blocks_[slot / kBlock] + ranks_[slot / 64] +
                            static_cast<unsigned>(std::popcount(before));
        return look_into(buckets_[bucket], address);
    }
    [[nodiscard]] std::size_t memory_bytes() const;

    // The same step by step, for lookups on vector registers.
    //   slot = address >> shift; map: bit slot % 32 of bits[slot / 32]
    //   rank of a set bit: blocks[slot / kBlock] + ranks[slot / 64] + set bits below it in its 64
    //   buckets[rank]: form in the two top bits, then
    //     kHost   14 bits offset (the address' lowest `shift` bits), 16 bits class id
    //     kWhole  14 bits zero, 16 bits class id
    //     kList   30 bits for look_into()
    static constexpr std::uint32_t kBlock = 1U << 16U; // ranks within it fit 16 bits
    static constexpr std::uint32_t kHost = 0;
    static constexpr std::uint32_t kWhole = 1;
    static constexpr std::uint32_t kList = 2;
    struct View {
        const Table4* table;
        const std::uint32_t* bits;
        const std::uint32_t* blocks;
        const std::uint16_t* ranks; // one more lies behind the last
        const std::uint32_t* buckets;
        unsigned shift;
    };
    [[nodiscard]] View view() const noexcept {
        static_assert(std::endian::native == std::endian::little);
        return {this,
                reinterpret_cast<const std::uint32_t*>(bits_.data()),
                blocks_.data(),
                ranks_.data(),
                buckets_.data(),
                shift_};
    }
    /// The class id that a bucket's content has for an address of that bucket.
    [[nodiscard]] ClassId look_into(std::uint32_t content, std::uint32_t address) const noexcept;

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
