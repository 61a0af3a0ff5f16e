// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/table6.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <random>

#include "controlplane/model/prefix.hpp"

namespace sweepgate::filter {

namespace {

std::uint64_t high_of(Uint128 address) { return static_cast<std::uint64_t>(address >> 64U); }
std::uint64_t low_of(Uint128 address) { return static_cast<std::uint64_t>(address); }

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U | device()) | 1U;
}

/// Its top bits are the hash: a multiplication carries entropy upwards, the fold brings the
/// upper half of the key into the lower one first.
std::uint64_t mix(std::uint64_t key, std::uint64_t seed) {
    const auto folded = (key ^ key >> 32U) * seed;
    return (folded ^ folded >> 29U) * seed;
}

/// A hash's share of the table (Lemire, "Fast random integer generation in an interval", 2019).
std::size_t place_of(std::uint64_t hash, std::size_t places) {
    return static_cast<std::size_t>(Uint128{hash} * places >> 64U);
}
std::size_t next_place(std::size_t at, std::size_t places) { return at + 1 == places ? 0 : at + 1; }

struct Place {
    std::uint64_t word;
    std::uint64_t bits;
};
Place locate(const Table6::Filter& filter, std::uint64_t high) {
    const auto key = high & filter.mask;
    const auto hash = (filter.a + (key >> 32U)) * (filter.b + (key & 0xFFFFFFFFU));
    const auto bit = [&](unsigned below) {
        return std::uint64_t{1} << ((hash >> (filter.shift - below)) & 63U);
    };
    return {hash >> filter.shift, bit(6) | bit(12)};
}

/// At level 64 prefixes end in the low half of the address, at the others in the high one.
bool ends_low(unsigned length) { return length == 64; }
std::uint64_t key_of(Uint128 address, unsigned length) { return high_of(address) >> (64 - length); }

constexpr std::array<unsigned, 3> kLevels{64, 48, 32};

} // namespace

Table6::Table6() noexcept {
    static constexpr std::array<std::uint32_t, 2> kNothing{};
    roots_ = {kNothing.data(), 1, 26};
}

void Table6::Draft::add(std::uint64_t key, const Part& part) {
    // Stretches come in ascending order, so the parts of one key come together.
    if (keys.empty() || keys.back().key != key)
        keys.push_back({key, static_cast<std::uint32_t>(parts.size()), 0});
    ++keys.back().count;
    parts.push_back(part);
}

void Table6::Level::build(const Draft& draft, Arena& arena) {
    const auto& keys = draft.keys;
    // At least 32 bits a key, 64 to a word.
    const auto filter_bits =
        static_cast<unsigned>(std::max<std::size_t>(4, std::bit_width(keys.size() / 2)));
    slot_seed = random_seed();
    const auto words = arena.make<std::uint64_t>(std::size_t{1} << filter_bits);
    filter = {words.data(), ~std::uint64_t{0} << (64 - length), random_seed(), random_seed(),
              64 - filter_bits};
    // Two of three slots are taken: no power of two, which would cost up to twice the memory.
    const auto table = arena.make<Slot>(keys.size() + keys.size() / 2 + 1);
    std::vector<Part> lists;
    for (const auto& [key, begin, count] : keys) {
        const auto place = locate(filter, key << (64 - length));
        words[place.word] |= place.bits;
        auto at = place_of(mix(key, slot_seed), table.size());
        while (table[at].count != 0) at = next_place(at, table.size());
        const auto* part = &draft.parts[begin];
        if (count == 1) {
            const auto size = std::bit_width(part->last - part->first);
            table[at] = {key, part->first, 1, part->id, static_cast<std::uint8_t>(size)};
            continue;
        }
        table[at] = {key, lists.size(), count, kUnlisted, 0};
        lists.insert(lists.end(), part, part + count);
    }
    slots = table;
    parts = copy(lists, arena);
}

ClassId Table6::Level::lookup(Uint128 address) const noexcept {
    const auto place = locate(filter, high_of(address));
    if ((filter.words[place.word] & place.bits) != place.bits) return kUnlisted;
    const auto key = key_of(address, length);
    auto at = place_of(mix(key, slot_seed), slots.size());
    while (slots[at].count != 0 && slots[at].key != key) at = next_place(at, slots.size());
    return look_into(slots[at], ends_low(length) ? low_of(address) : high_of(address));
}

ClassId Table6::Level::look_into(const Slot& slot, std::uint64_t rest) const noexcept {
    // A size of 64 is all that begins with the key.
    if (slot.count == 1)
        return slot.size == 64 || (rest ^ slot.begin) >> slot.size == 0 ? slot.id : kUnlisted;
    const auto* begin = parts.data() + slot.begin;
    const auto* behind =
        std::upper_bound(begin, begin + slot.count, rest,
                         [](std::uint64_t value, const Part& part) { return value < part.first; });
    if (behind == begin) return kUnlisted;
    --behind;
    return rest <= behind->last ? behind->id : kUnlisted;
}

Table6::Table6(const std::vector<Stretch>& stretches, Arena& arena) {
    std::array<Draft, kLevels.size()> drafts;
    for (const auto& stretch : stretches) {
        const Range range{{Family::ipv6, stretch.first}, {Family::ipv6, stretch.last}};
        for (const auto& prefix : to_prefixes(range)) {
            const auto first = prefix.first().value;
            const auto last = prefix.last().value;
            const auto* level = std::find_if(kLevels.begin(), kLevels.end(),
                                             [&](unsigned l) { return l <= prefix.length; });
            if (level == kLevels.end()) {
                wide_.push_back({first, last, stretch.id});
                continue;
            }
            const bool low = ends_low(*level);
            const Part part{low ? low_of(first) : high_of(first),
                            low ? low_of(last) : high_of(last), stretch.id};
            const auto i = static_cast<std::size_t>(level - kLevels.begin());
            drafts[i].add(key_of(first, *level), part);
        }
    }
    build_roots(drafts, arena);
    for (std::size_t i = 0; i < kLevels.size(); ++i) {
        if (drafts[i].keys.empty()) continue;
        Level level;
        level.length = kLevels[i];
        level.build(drafts[i], arena);
        filters_.push_back(level.filter);
        levels_.push_back(level);
    }
}

void Table6::build_roots(std::span<const Draft> drafts, Arena& arena) {
    std::vector<std::uint32_t> tops;
    for (std::size_t i = 0; i < kLevels.size(); ++i)
        for (const auto& slot : drafts[i].keys)
            tops.push_back(static_cast<std::uint32_t>(slot.key >> (kLevels[i] - 32)));
    std::sort(tops.begin(), tops.end());
    tops.erase(std::unique(tops.begin(), tops.end()), tops.end());
    const auto bits =
        static_cast<unsigned>(std::clamp<std::size_t>(std::bit_width(64 * tops.size()), 6, 31));
    const auto words = arena.make<std::uint32_t>((std::size_t{1} << bits) / 32);
    roots_ = {words.data(), static_cast<std::uint32_t>(random_seed()), 32 - bits};
    root_words_ = words.size();
    for (const auto top : tops) {
        const auto bit = top * roots_.multiplier >> roots_.shift;
        words[bit / 32] |= std::uint32_t{1} << (bit % 32);
    }
}

ClassId Table6::lookup(Uint128 address) const noexcept {
    if (!may_hold(static_cast<std::uint32_t>(address >> 96U))) return kUnlisted;
    // Stretches are disjoint: the first level that knows the address is the only one.
    for (const auto& level : levels_)
        if (const auto id = level.lookup(address); id != kUnlisted) return id;
    return wide_.empty() ? kUnlisted : find(wide_, address);
}

std::size_t Table6::memory_bytes() const {
    auto bytes = wide_.capacity() * sizeof(Stretch) + root_words_ * sizeof(std::uint32_t);
    for (const auto& level : levels_)
        bytes += (level.filter_words() * sizeof(std::uint64_t)) + level.slots.size_bytes() +
                 level.parts.size_bytes();
    return bytes;
}

} // namespace sweepgate::filter
