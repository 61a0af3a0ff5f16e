// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/table4.hpp"

#include <algorithm>
#include <array>

namespace sweepgate::filter {

namespace {

unsigned bits_of_map(std::size_t ranges) {
    return static_cast<unsigned>(std::clamp<std::size_t>(std::bit_width(32 * ranges), 18, 24));
}

} // namespace

/// What grows while the stretches are read, slot after slot.
struct Table4::Draft {
    std::span<std::uint64_t> bits;
    std::span<std::uint32_t> blocks;
    std::span<std::uint16_t> ranks;
    std::vector<std::uint32_t> buckets;
    std::vector<List> lists;
    std::vector<Part> parts;
    std::vector<Part> open; // of the bucket being filled
    std::size_t ranked = 0; // words of the map whose rank is known

    /// Words before `end` have all their bits: each bucket so far is one, so none is counted.
    void rank_until(std::size_t end) {
        constexpr auto kWords = kBlock / 64;
        for (; ranked < end; ++ranked) {
            const auto rank = static_cast<std::uint32_t>(buckets.size());
            if (ranked % kWords == 0) blocks[ranked / kWords] = rank;
            ranks[ranked] = static_cast<std::uint16_t>(rank - blocks[ranked / kWords]);
        }
    }
    void close(std::uint32_t slot) {
        if (open.empty()) return;
        rank_until(slot / 64 + 1);
        bits[slot / 64] |= std::uint64_t{1} << (slot % 64);
        const auto& part = open.front();
        const std::uint32_t size = part.last - part.first + 1U;
        if (open.size() == 1 && std::has_single_bit(size) && part.first % size == 0 &&
            part.id <= kIds) {
            const auto log2 = static_cast<std::uint32_t>(std::countr_zero(size));
            buckets.push_back(log2 << kSizeBegin | std::uint32_t{part.first} << kIdBits | part.id);
        } else {
            buckets.push_back(kIsList | static_cast<std::uint32_t>(lists.size()));
            lists.push_back({static_cast<std::uint32_t>(parts.size()),
                             static_cast<std::uint32_t>(open.size())});
            parts.insert(parts.end(), open.begin(), open.end());
        }
        open.clear();
    }
};

Table4::Table4() noexcept {
    static constexpr std::array<std::uint64_t, (1U << 18U) / 64> kNothing{};
    bits_ = kNothing; // a lookup goes no further
}

Table4::Table4(const std::vector<Stretch4>& stretches, Arena& arena) {
    const auto bits = bits_of_map(stretches.size());
    shift_ = 32 - bits;
    const auto words = (std::size_t{1} << bits) / 64;
    Draft draft{arena.make<std::uint64_t>(words),
                arena.make<std::uint32_t>((words + kBlock / 64 - 1) / (kBlock / 64)),
                arena.make<std::uint16_t>(words + 1),
                {},
                {},
                {},
                {}};
    draft.buckets.reserve(stretches.size());
    std::uint32_t slot = 0;
    for (const auto& stretch : stretches) {
        const auto first_slot = stretch.first >> shift_;
        const auto last_slot = stretch.last >> shift_;
        for (auto at = first_slot;; ++at) {
            if (at != slot) draft.close(slot);
            slot = at;
            const auto from = at == first_slot ? stretch.first & offset_mask() : 0;
            const auto to = at == last_slot ? stretch.last & offset_mask() : offset_mask();
            draft.open.push_back(
                {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), stretch.id});
            if (at == last_slot) break;
        }
    }
    draft.close(slot);
    draft.rank_until(words);

    bits_ = draft.bits;
    blocks_ = draft.blocks;
    ranks_ = draft.ranks;
    buckets_ = copy(draft.buckets, arena);
    lists_ = copy(draft.lists, arena);
    parts_ = copy(draft.parts, arena);
}

ClassId Table4::exact(std::uint32_t address) const noexcept {
    return look_into(content_of(address), address);
}

ClassId Table4::look_into_list(std::uint32_t content, std::uint32_t address) const noexcept {
    if ((content & kIsList) == 0) return kUnlisted;
    return search(lists_[content & kIndex], address & offset_mask());
}

ClassId Table4::search(const List& list, std::uint32_t offset) const noexcept {
    const auto* begin = parts_.data() + list.begin;
    const auto* behind =
        std::upper_bound(begin, begin + list.count, offset,
                         [](std::uint32_t at, const Part& part) { return at < part.first; });
    if (behind == begin) return kUnlisted;
    --behind;
    return offset <= behind->last ? behind->id : kUnlisted;
}

std::size_t Table4::memory_bytes() const {
    return bits_.size_bytes() + blocks_.size_bytes() + ranks_.size_bytes() + buckets_.size_bytes() +
           lists_.size_bytes() + parts_.size_bytes();
}

} // namespace sweepgate::filter
