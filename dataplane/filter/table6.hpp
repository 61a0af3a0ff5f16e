// SPDX-License-Identifier: Apache-2.0
// IPv6 address -> class id.
//
// Prefixes are kept at three levels by length: 64 and longer, 48 to 63, 32 to 47. A level is a
// one-bit filter over a hash of the address' first 64, 48 or 32 bits, 32 bits a key, and behind
// it an open hash table from those bits to a short sorted list of ranges. Levels without prefixes
// are skipped. Prefixes shorter than 32 are few by nature and lie in one sorted list. The hash is
// seeded at random for every table, so that nobody can aim traffic at its collisions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/filter/flatten.hpp"

namespace sweepgate::filter {

class Table6 {
public:
    Table6() = default;
    /// `stretches` are IPv6, ascending and disjoint.
    explicit Table6(const std::vector<Stretch>& stretches);

    void lookup(const Uint128* addresses, std::size_t count, ClassId* ids) const noexcept;
    [[nodiscard]] ClassId lookup(Uint128 address) const noexcept;
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    /// A range within one key, in that half of the address where its prefixes end.
    struct Part {
        std::uint64_t first;
        std::uint64_t last;
        ClassId id;
    };
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t begin = 0; // parts[begin, begin + count)
        std::uint32_t count = 0; // 0: the slot is free
    };
    struct Level {
        unsigned length = 64; // of the key, bits
        unsigned filter_shift = 0;
        unsigned slot_shift = 0;
        std::uint64_t filter_seed = 0;
        std::uint64_t slot_seed = 0;
        std::vector<std::uint64_t> filter;
        std::vector<Slot> slots;
        std::vector<Part> parts;

        void add(std::uint64_t key, const Part& part, std::vector<Slot>& keys);
        void build(const std::vector<Slot>& keys);
        [[nodiscard]] ClassId lookup(Uint128 address) const noexcept;
        [[nodiscard]] ClassId look_into(std::uint64_t key, std::uint64_t rest) const noexcept;
    };

    std::vector<Level> levels_; // only those that hold prefixes
    std::vector<Stretch> wide_; // shorter than 32
};

} // namespace sweepgate::filter
