// SPDX-License-Identifier: Apache-2.0
// As screen_avx512.cpp, with registers of half the width and one exact lookup at a time.
#ifdef __x86_64__

#include <bit>

#include <immintrin.h>

#include "dataplane/filter/rows.hpp"

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

/// Four rows by column.
struct Four {
    __m256i types; // two bytes before the type, type (2), version and header length (1), class (1),
                   // IPv4 total length (2)
    __m256i pairs; // IPv4 source and destination, as they lie in memory
};

SWEEPGATE_INLINE Four four_rows(const Rows& rows, std::size_t first) {
    // Not loadu: tuned for processors without AVX, GCC makes two loads of it.
    const auto row = [&](std::size_t i) SWEEPGATE_TARGET {
        return _mm256_lddqu_si256(
            reinterpret_cast<const __m256i*>(rows.frames[first + i] + Rows::kReadFrom));
    };
    const auto front = _mm256_unpackhi_epi64(row(0), row(1));
    const auto back = _mm256_unpackhi_epi64(row(2), row(3));
    return {_mm256_permute2x128_si256(front, back, 0x20),
            _mm256_permute2x128_si256(front, back, 0x31)};
}

SWEEPGATE_INLINE __m256i tagged(__m256i types) {
    const auto is = [&](std::uint16_t type) SWEEPGATE_TARGET {
        return has(types, 0xFFFF0000, static_cast<long long>(__builtin_bswap16(type)) << 16U);
    };
    return _mm256_or_si256(is(kTypeTag),
                           _mm256_or_si256(is(kTypeServiceTag), is(kTypeOldServiceTag)));
}

/// Of rows i to i + 3, which have `types`, those that are plain IPv4.
SWEEPGATE_INLINE __m256i plain_ipv4(const Rows& rows, std::size_t i, __m256i types) {
    const auto length =
        _mm256_cvtepu32_epi64(_mm_load_si128(reinterpret_cast<const __m128i*>(&rows.lengths[i])));
    const auto total = _mm256_shuffle_epi8(
        types,
        both_halves(_mm_set_epi8(-1, -1, -1, -1, -1, -1, 14, 15, -1, -1, -1, -1, -1, -1, 6, 7)));
    const auto wrong = _mm256_or_si256(
        _mm256_cmpgt_epi64(_mm256_set1_epi64x(kIpv4Header), total),
        _mm256_cmpgt_epi64(total, _mm256_sub_epi64(length, _mm256_set1_epi64x(kEthernetHeader))));
    // IPv4 without options: type, version and length 08 00 45.
    return _mm256_andnot_si256(wrong, has(types, 0x00FF'FFFF'0000, 0x0045'0008'0000));
}

/// The same rows, where not all are plain IPv4.
SWEEPGATE_INLINE void tell_others(std::size_t i, __m256i types, std::uint64_t plain, Kinds& kinds) {
    kinds.not_ipv4 |= (~plain & 0xFU) << i;
    kinds.ipv6 |= bits_of_lanes(has(types, 0x00F0'FFFF'0000, 0x0060'DD86'0000)) << i;
    kinds.tagged |= bits_of_lanes(tagged(types)) << i;
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

/// The eight ends of rows i to i + 3; `kinds` is told of those that are not plain IPv4.
SWEEPGATE_INLINE unsigned test(const Table4::Map& map, const Rows& rows, std::size_t i,
                               Tested4& tested, Kinds& kinds) {
    const auto four = four_rows(rows, i);
    const auto plain = plain_ipv4(rows, i, four.types);
    const auto addresses = _mm256_shuffle_epi8(
        four.pairs,
        both_halves(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)));
    _mm256_store_si256(reinterpret_cast<__m256i*>(&tested.addresses[2 * i]), addresses);
    const auto shift = _mm_cvtsi32_si128(static_cast<int>(map.shift));
    const auto bits = bits_of_lanes(plain);
    if (bits == 0xF) [[likely]]
        return test(map.bits, _mm256_srl_epi32(addresses, shift));
    tell_others(i, four.types, bits, kinds);
    // What is no address would fetch a line of the map for nothing.
    const auto slots = _mm256_srl_epi32(_mm256_and_si256(addresses, plain), shift);
    return test(map.bits, slots) &
           static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(plain)));
}

SWEEPGATE_INLINE Kinds test_ipv4(const Table4::Map& map, const Rows& rows, Tested4& tested) {
    Kinds kinds;
    for (std::size_t i = 0; i < rows.count; i += kLanes)
        tested.keep(i, test(map, rows, i, tested, kinds));
    return kinds;
}

SWEEPGATE_INLINE void look_up_ipv6(const Table6& table, const Ipv6Ends& ends, Listed& listed) {
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
            listed.keep(ends.end(at), table.lookup(read128(ends.address(at))));
        }
    }
}

template <typename Packet>
SWEEPGATE_TARGET void screen(const Tables& tables, const Packet* packets, std::size_t count,
                             Screened& screened) noexcept {
    Rows rows;
    read_rows(packets, count, rows);
    const auto& table4 = tables.ipv4();
    Tested4 tested;
    const auto kinds = test_ipv4(table4.map(), rows, tested);
    Found4 found4;
    if (tested.any()) found4.add(table4, rows, tested);
    auto plain = ~kinds.not_ipv4;
    Ipv6Ends ends;
    plain |= ends.collect(rows, kinds.ipv6);
    if (kinds.tagged != 0) [[unlikely]] {
        const UntaggedRows untagged(rows, kinds.tagged);
        Tested4 behind_tags;
        const auto inner = test_ipv4(table4.map(), untagged, behind_tags);
        const auto also = ~inner.not_ipv4 | ends.collect(untagged, inner.ipv6);
        plain |= _pdep_u64(also, kinds.tagged);
        found4.add(table4, untagged, behind_tags);
    }
    Listed listed(tables, screened);
    found4.look_up(table4, listed);
    look_up_ipv6(tables.ipv6(), ends, listed);
    screened.odd = ~plain & bits_of(count);
}

} // namespace

const Screen& avx2_screen() noexcept {
    static constexpr Screen kScreen{"avx2", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
