// SPDX-License-Identifier: Apache-2.0
// IPv6 address -> class id.
//
// Prefixes are kept at three levels by length: 64 and longer, 48 to 63, 32 to 47. A level is a
// filter over a hash of the address' first 64, 48 or 32 bits, 32 bits a key and two of them set in
// one 64-bit word, and behind it an open hash table from those bits to the prefix that begins with
// them or, where they are several, to a short sorted list of ranges. Levels without prefixes are
// skipped. Prefixes shorter than 32 are few by nature and lie in one sorted list.
//
// In front of the levels lie the roots: one bit for each value that the first 32 bits of a prefix
// have, at least 64 bits a root, found by multiply-shift. Most strangers come from other networks
// than any listed server and are answered by that one bit, which vectors test sixteen at a time.
//
// The filter's hash is pair-multiply-shift (Thorup, "High speed hashing for integers and strings",
// 2015, section 3.5): one multiplication, and strongly universal, because its two numbers are
// drawn at random for every table. So nobody can aim traffic at its collisions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/filter/arena.hpp"
#include "dataplane/filter/flatten.hpp"

namespace sweepgate::filter {

class Table6 {
public:
    Table6() noexcept; // empty
    /// `stretches` are ascending and disjoint. The table lies in `arena`.
    Table6(const std::vector<Stretch>& stretches, Arena& arena);

    [[nodiscard]] ClassId lookup(Uint128 address) const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const;

    /// An address with these first 32 bits may be listed when bit `top * multiplier >> shift`
    /// (modulo 2^32) of the words is set.
    struct Roots {
        const std::uint32_t* words;
        std::uint32_t multiplier = 1; // odd, drawn at random
        unsigned shift = 0;           // 32 - the logarithm of the number of bits

        [[nodiscard]] bool may_hold(std::uint32_t top) const noexcept {
            const auto bit = top * multiplier >> shift;
            return ((words[bit / 32] >> (bit % 32)) & 1U) != 0;
        }
    };
    [[nodiscard]] const Roots& roots() const noexcept { return roots_; }
    /// Whether an address with these first 32 bits may be listed at all.
    [[nodiscard]] bool may_hold(std::uint32_t top) const noexcept {
        return roots_.may_hold(top) ||
               (has_wide() && top >= wide_first() >> 32U && top <= wide_last() >> 32U);
    }

    // The filters, for lookups on vector registers. With `high` the address' upper 64 bits:
    //   key  = high & mask
    //   hash = (a + upper 32 bits of key) * (b + lower 32 bits of key), modulo 2^64
    // The key may be listed when bits hash >> (shift - 6) and hash >> (shift - 12), each modulo
    // 64, of words[hash >> shift] are set.
    struct Filter {
        const std::uint64_t* words = nullptr;
        std::uint64_t mask = 0;
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        unsigned shift = 0;
    };
    [[nodiscard]] const std::vector<Filter>& filters() const noexcept { return filters_; }
    /// Prefixes that no filter knows, and the span of their upper halves.
    [[nodiscard]] bool has_wide() const noexcept { return !wide_.empty(); }
    [[nodiscard]] std::uint64_t wide_first() const noexcept {
        return static_cast<std::uint64_t>(wide_.front().first >> 64U);
    }
    [[nodiscard]] std::uint64_t wide_last() const noexcept {
        return static_cast<std::uint64_t>(wide_.back().last >> 64U);
    }

private:
    /// A range within one key, in that half of the address where its prefixes end.
    struct Part {
        std::uint64_t first;
        std::uint64_t last;
        ClassId id;
    };
    struct Slot {
        std::uint64_t key = 0;
        /// Of one prefix its first address, in that half; of a list the index of its first part.
        std::uint64_t begin = 0;
        std::uint32_t count = 0; // prefixes; 0: the slot is free
        ClassId id = kUnlisted;  // of one prefix
        std::uint8_t size = 0;   // of one prefix, log2 of its addresses
    };
    struct Draft { // of a level
        struct Key {
            std::uint64_t key;
            std::uint32_t begin; // parts[begin, begin + count)
            std::uint32_t count;
        };
        std::vector<Key> keys;
        std::vector<Part> parts;
        void add(std::uint64_t key, const Part& part);
    };
    struct Level {
        unsigned length = 64; // of the key, bits
        std::uint64_t slot_seed = 0;
        Filter filter;
        std::span<const Slot> slots;
        std::span<const Part> parts;

        void build(const Draft& draft, Arena& arena);
        [[nodiscard]] std::size_t filter_words() const {
            return std::size_t{1} << (64 - filter.shift);
        }
        [[nodiscard]] ClassId lookup(Uint128 address) const noexcept;
        [[nodiscard]] ClassId look_into(const Slot& slot, std::uint64_t rest) const noexcept;
    };

    void build_roots(std::span<const Draft> drafts, Arena& arena);

    Roots roots_;
    std::size_t root_words_ = 0;
    std::vector<Level> levels_;   // only those that hold prefixes
    std::vector<Filter> filters_; // theirs
    std::vector<Stretch> wide_;   // shorter than 32
};

} // namespace sweepgate::filter
