// SPDX-License-Identifier: Apache-2.0
// As screen_avx512.cpp, with registers of half the width and one exact lookup at a time.
#ifdef __x86_64__

#include <bit>

#include <immintrin.h>

#include "dataplane/filter/columns.hpp"

#define SWEEPGATE_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define SWEEPGATE_INLINE SWEEPGATE_TARGET __attribute__((always_inline)) inline

namespace sweepgate::filter {

namespace {

constexpr std::size_t kLanes = 4;

SWEEPGATE_INLINE __m256i both_halves(__m128i bytes) { return _mm256_broadcastsi128_si256(bytes); }

/// Bit n: lane n is all ones.
SWEEPGATE_INLINE std::uint64_t bits_of_lanes(__m256i lanes) {
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(lanes)));
}

/// Bit n: the bytes of word n that `mask` has are those of `value`.
SWEEPGATE_INLINE __m256i has(__m256i words, long long mask, long long value) {
    return _mm256_cmpeq_epi64(_mm256_and_si256(words, _mm256_set1_epi64x(mask)),
                              _mm256_set1_epi64x(value));
}

SWEEPGATE_INLINE __m256i tagged(__m256i words) {
    const auto is = [&](std::uint16_t type)
                        SWEEPGATE_TARGET { return has(words, 0xFFFF, __builtin_bswap16(type)); };
    return _mm256_or_si256(is(kTypeTag),
                           _mm256_or_si256(is(kTypeServiceTag), is(kTypeOldServiceTag)));
}

SWEEPGATE_INLINE Kinds kinds_of(const Columns& columns, std::size_t count) {
    const auto header = _mm256_set1_epi64x(kIpv4Header);
    const auto ethernet = _mm256_set1_epi64x(kEthernetHeader);
    const auto total_length =
        both_halves(_mm_set_epi8(-1, -1, -1, -1, -1, -1, 12, 13, -1, -1, -1, -1, -1, -1, 4, 5));
    Kinds kinds;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const auto words = _mm256_load_si256(reinterpret_cast<const __m256i*>(&columns.types[i]));
        const auto length = _mm256_cvtepu32_epi64(
            _mm_load_si128(reinterpret_cast<const __m128i*>(&columns.lengths[i])));
        // IPv4 without options: type, version and length 08 00 45.
        const auto ipv4 = has(words, 0x00FFFFFF, 0x00450008);
        if (bits_of_lanes(ipv4) != 0xF) [[unlikely]] {
            kinds.ipv6 |= bits_of_lanes(has(words, 0x00F0FFFF, 0x0060DD86)) << i;
            kinds.tagged |= bits_of_lanes(tagged(words)) << i;
        }
        const auto total = _mm256_shuffle_epi8(words, total_length);
        const auto wrong =
            _mm256_or_si256(_mm256_cmpgt_epi64(header, total),
                            _mm256_cmpgt_epi64(total, _mm256_sub_epi64(length, ethernet)));
        kinds.ipv4 |= bits_of_lanes(_mm256_andnot_si256(wrong, ipv4)) << i;
    }
    return kinds.within(count);
}

/// Bit n: bit slots[n] of the map is set.
SWEEPGATE_INLINE unsigned test(const std::uint32_t* map, __m256i slots) {
    const auto word =
        _mm256_i32gather_epi32(reinterpret_cast<const int*>(map), _mm256_srli_epi32(slots, 5), 4);
    // The map's bit moves to the sign of its lane.
    const auto up = _mm256_andnot_si256(slots, _mm256_set1_epi32(31));
    return static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(word, up))));
}

SWEEPGATE_INLINE void find_ipv4(const Table4::Map& map, const Columns& columns, std::uint64_t plain,
                                Found4& found) {
    const auto shift = _mm_cvtsi32_si128(static_cast<int>(map.shift));
    const auto swap =
        both_halves(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    for (std::size_t i = 0; i < kMaxBurst; i += kLanes) {
        const auto lanes = static_cast<unsigned>(plain >> i) & 0xFU;
        if (lanes == 0) continue;
        const auto pairs = _mm256_load_si256(reinterpret_cast<const __m256i*>(&columns.pairs[i]));
        const auto slots = _mm256_srl_epi32(_mm256_shuffle_epi8(pairs, swap), shift);
        // Two bits of an address pair for the one of its packet.
        unsigned hits = test(map.bits, slots) & (_pdep_u32(lanes, 0x55) * 3);
        for (; hits != 0; hits &= hits - 1)
            found.add(columns, (2 * i) + static_cast<unsigned>(std::countr_zero(hits)));
    }
}

SWEEPGATE_INLINE void look_up_ipv6(const Table6& table, const Columns& columns,
                                   const Ipv6Ends& ends, Listed& listed) {
    const auto& roots = table.roots();
    const auto multiplier = _mm256_set1_epi32(static_cast<int>(roots.multiplier));
    const auto shift = _mm_cvtsi32_si128(static_cast<int>(roots.shift));
    for (unsigned first = 0; first < 2 * ends.count; first += 2 * kLanes) {
        const auto left = 2 * ends.count - first;
        const auto top = _mm256_load_si256(reinterpret_cast<const __m256i*>(&ends.top[first]));
        const auto slots = _mm256_srl_epi32(_mm256_mullo_epi32(top, multiplier), shift);
        auto hits = table.has_wide() ? 0xFFU : test(roots.words, slots);
        hits &= left >= 2 * kLanes ? 0xFFU : (1U << left) - 1;
        for (; hits != 0; hits &= hits - 1) {
            const auto at = first + static_cast<unsigned>(std::countr_zero(hits));
            listed.keep(ends.end(at), table.lookup(read128(ends.address(columns, at))));
        }
    }
}

template <typename Packet>
SWEEPGATE_TARGET void screen(const Tables& tables, const Packet* packets, std::size_t count,
                             Screened& screened) noexcept {
    Columns columns;
    read_columns(packets, count, columns);
    auto kinds = kinds_of(columns, count);
    if (kinds.tagged != 0) [[unlikely]] {
        skip_tags(columns, kinds.tagged);
        kinds = kinds_of(columns, count);
    }
    Found4 found4;
    find_ipv4(tables.ipv4().map(), columns, kinds.ipv4, found4);
    auto plain = kinds.ipv4;
    Listed listed(tables, screened);
    look_up(tables.ipv4(), found4, listed);
    if (kinds.ipv6 != 0) {
        Ipv6Ends ends;
        plain |= collect_ipv6(columns, kinds.ipv6, ends);
        look_up_ipv6(tables.ipv6(), columns, ends, listed);
    }
    screened.odd = ~plain & bits_of(count);
}

} // namespace

const Screen& avx2_screen() noexcept {
    static constexpr Screen kScreen{"avx2", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
