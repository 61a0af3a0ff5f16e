// SPDX-License-Identifier: Apache-2.0
// Sixteen addresses of eight packets are tested against the table's map with one gather. The few
// that the map lets through are looked up exactly at the end of the burst.
//
// Every function carries its target, so that nothing of this leaks into code that runs on older
// processors.
#ifdef __x86_64__

#include <algorithm>
#include <bit>

#include <immintrin.h>

#include "dataplane/filter/rows.hpp"

#define SWEEPGATE_TARGET                                                                           \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,popcnt")))
#define SWEEPGATE_INLINE SWEEPGATE_TARGET __attribute__((always_inline)) inline

namespace sweepgate::filter {

namespace {

constexpr std::size_t kLanes = 8;

/// In each word: bytes `first` and `second` as a number in network order.
SWEEPGATE_INLINE __m512i number_at(__m512i words, int first, int second) {
    const auto picked = _mm_set_epi8(-1, -1, -1, -1, -1, -1, static_cast<char>(first + 8),
                                     static_cast<char>(second + 8), -1, -1, -1, -1, -1, -1,
                                     static_cast<char>(first), static_cast<char>(second));
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(picked));
}

SWEEPGATE_INLINE __m512i swap_each_32(__m512i words) {
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(_mm_set_epi8(
                                          12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)));
}

/// Eight rows by column.
struct Eight {
    __m512i types; // two bytes before the type, type (2), version and header length (1), class (1),
                   // IPv4 total length (2)
    __m512i pairs; // IPv4 source and destination, as they lie in memory
};

SWEEPGATE_INLINE __m512i two_rows(const Rows& rows, std::size_t first) {
    // Not loadu: tuned for processors without AVX, GCC makes two loads of it.
    const auto part = [&](std::size_t row) SWEEPGATE_TARGET {
        return _mm256_lddqu_si256(
            reinterpret_cast<const __m256i*>(rows.frames[row] + Rows::kReadFrom));
    };
    return _mm512_inserti64x4(_mm512_castsi256_si512(part(first)), part(first + 1), 1);
}

SWEEPGATE_INLINE Eight eight_rows(const Rows& rows, std::size_t first) {
    const auto columns = _mm512_set_epi64(15, 11, 7, 3, 13, 9, 5, 1);
    const auto four = [&](std::size_t row) SWEEPGATE_TARGET {
        return _mm512_permutex2var_epi64(two_rows(rows, row), columns, two_rows(rows, row + 2));
    };
    const auto front = four(first);
    const auto back = four(first + 4);
    return {_mm512_shuffle_i64x2(front, back, 0x44), _mm512_shuffle_i64x2(front, back, 0xEE)};
}

/// Lanes whose type is a VLAN tag.
SWEEPGATE_INLINE __mmask8 tagged(__m512i types) {
    const auto type = _mm512_and_si512(types, _mm512_set1_epi64(0xFFFF0000));
    const auto is = [&](std::uint16_t number) SWEEPGATE_TARGET {
        return _mm512_cmpeq_epi64_mask(
            type, _mm512_set1_epi64(static_cast<long long>(__builtin_bswap16(number)) << 16U));
    };
    return is(kTypeTag) | is(kTypeServiceTag) | is(kTypeOldServiceTag);
}

/// Of rows i to i + 7, which have `types`, those that are plain IPv4.
SWEEPGATE_INLINE __mmask8 plain_ipv4(const Rows& rows, std::size_t i, __m512i types) {
    // IPv4 without options: type, version and length 08 00 45.
    const auto ipv4 =
        _mm512_cmpeq_epi64_mask(_mm512_and_si512(types, _mm512_set1_epi64(0x00FF'FFFF'0000)),
                                _mm512_set1_epi64(0x0045'0008'0000));
    // 20 <= total length <= frame - 14, in one comparison without sign.
    const auto length = _mm512_cvtepu32_epi64(
        _mm256_load_si256(reinterpret_cast<const __m256i*>(&rows.lengths[i])));
    return _mm512_mask_cmple_epu64_mask(
        ipv4, _mm512_sub_epi64(number_at(types, 6, 7), _mm512_set1_epi64(kIpv4Header)),
        _mm512_sub_epi64(length, _mm512_set1_epi64(Rows::kShortest)));
}

/// The same rows, where not all are plain IPv4.
SWEEPGATE_INLINE void tell_others(std::size_t i, __m512i types, __mmask8 plain, Kinds& kinds) {
    const auto ipv6 =
        _mm512_cmpeq_epi64_mask(_mm512_and_si512(types, _mm512_set1_epi64(0x00F0'FFFF'0000)),
                                _mm512_set1_epi64(0x0060'DD86'0000));
    kinds.not_ipv4 |= std::uint64_t{static_cast<__mmask8>(~plain)} << i;
    kinds.ipv6 |= std::uint64_t{ipv6} << i;
    kinds.tagged |= std::uint64_t{tagged(types)} << i;
}

/// Bit n: bit slots[n] of the map is set.
SWEEPGATE_INLINE __mmask16 test(const std::uint32_t* map, __m512i slots) {
    const auto word = _mm512_i32gather_epi32(_mm512_srli_epi32(slots, 5), map, 4);
    const auto bit =
        _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(slots, _mm512_set1_epi32(31)));
    return _mm512_test_epi32_mask(word, bit);
}

/// Lanes whose address may be listed, by its upper half: any 64 bits have their place in a filter.
SWEEPGATE_INLINE __mmask8 test(const Table6& table, __m512i high) {
    __mmask8 found = 0;
    for (const auto& filter : table.filters()) {
        const auto key =
            _mm512_and_si512(high, _mm512_set1_epi64(static_cast<long long>(filter.mask)));
        const auto upper = _mm512_add_epi64(_mm512_srli_epi64(key, 32),
                                            _mm512_set1_epi64(static_cast<long long>(filter.a)));
        const auto lower = _mm512_add_epi64(_mm512_and_si512(key, _mm512_set1_epi64(0xFFFFFFFF)),
                                            _mm512_set1_epi64(static_cast<long long>(filter.b)));
        const auto hash = _mm512_mullo_epi64(upper, lower);
        const auto low6 = _mm512_set1_epi64(63);
        const auto one = _mm512_set1_epi64(1);
        const auto shifted = [&](unsigned bits) SWEEPGATE_TARGET {
            return _mm512_srl_epi64(hash, _mm_cvtsi32_si128(static_cast<int>(bits)));
        };
        const auto bits = _mm512_or_si512(
            _mm512_sllv_epi64(one, _mm512_and_si512(shifted(filter.shift - 6), low6)),
            _mm512_sllv_epi64(one, _mm512_and_si512(shifted(filter.shift - 12), low6)));
        const auto word = _mm512_i64gather_epi64(shifted(filter.shift), filter.words, 8);
        found |= _mm512_cmpeq_epi64_mask(_mm512_and_si512(word, bits), bits);
    }
    if (table.has_wide()) {
        const auto not_below = _mm512_cmpge_epu64_mask(
            high, _mm512_set1_epi64(static_cast<long long>(table.wide_first())));
        found |= _mm512_mask_cmple_epu64_mask(
            not_below, high, _mm512_set1_epi64(static_cast<long long>(table.wide_last())));
    }
    return found;
}

/// The 16 ends of rows i to i + 7; `kinds` is told of those that are not plain IPv4.
SWEEPGATE_INLINE __mmask16 test(const Table4::Map& map, const Rows& rows, std::size_t i,
                                Tested4& tested, Kinds& kinds) {
    const auto eight = eight_rows(rows, i);
    const auto plain = plain_ipv4(rows, i, eight.types);
    const auto addresses = swap_each_32(eight.pairs);
    _mm512_store_si512(&tested.addresses[2 * i], addresses);
    const auto shift = _mm_cvtsi32_si128(static_cast<int>(map.shift));
    if (plain == 0xFF) [[likely]]
        return test(map.bits, _mm512_srl_epi32(addresses, shift));
    tell_others(i, eight.types, plain, kinds);
    if (plain == 0) return 0;
    const auto wanted = _mm512_movepi32_mask(_mm512_movm_epi64(plain));
    // What is no address would fetch a line of the map for nothing.
    const auto slots = _mm512_maskz_srl_epi32(wanted, addresses, shift);
    return static_cast<__mmask16>(test(map.bits, slots) & wanted);
}

SWEEPGATE_INLINE Kinds test_ipv4(const Table4::Map& map, const Rows& rows, Tested4& tested) {
    Kinds kinds;
    for (std::size_t i = 0; i < rows.count; i += kLanes)
        tested.keep(i, test(map, rows, i, tested, kinds));
    return kinds;
}

/// Found4::add() of a word in which much was found: sixteen ends at a time.
SWEEPGATE_INLINE void pack(const Table4& table, const Rows& rows, const Tested4& tested,
                           std::size_t word, Found4& found) {
    const auto had = found.count;
    for (unsigned bit = 0; bit < 64; bit += 16) {
        const auto hits = static_cast<__mmask16>(tested.found[word] >> bit);
        const auto first = 64 * word + bit;
        const auto ends = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&rows.ends[first]));
        const auto packed = _mm512_maskz_compress_epi32(hits, _mm512_cvtepu16_epi32(ends));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(&found.ends[found.count]),
                            _mm512_cvtepi32_epi16(packed));
        const auto addresses = _mm512_load_si512(&tested.addresses[first]);
        _mm512_storeu_si512(&found.addresses[found.count],
                            _mm512_maskz_compress_epi32(hits, addresses));
        found.count += static_cast<unsigned>(std::popcount(static_cast<unsigned>(hits)));
    }
    for (auto i = had; i < found.count; ++i)
        found.contents[i] = table.content_of(found.addresses[i]);
}

SWEEPGATE_INLINE void add(const Table4& table, const Rows& rows, const Tested4& tested,
                          Found4& found) {
    constexpr int kMuch = 16;
    for (std::size_t word = 0; word < Tested4::kWords; ++word)
        std::popcount(tested.found[word]) > kMuch ? pack(table, rows, tested, word, found)
                                                  : found.add(table, rows, tested, word);
}

/// Sixteen ends of IPv6 packets: bit n when end n comes from a network that has listed addresses.
SWEEPGATE_INLINE __mmask16 test(const Table6& table, const std::uint32_t* tops) {
    const auto top = _mm512_load_si512(tops);
    const auto& roots = table.roots();
    const auto slots = _mm512_srl_epi32(
        _mm512_mullo_epi32(top, _mm512_set1_epi32(static_cast<int>(roots.multiplier))),
        _mm_cvtsi32_si128(static_cast<int>(roots.shift)));
    auto found = test(roots.words, slots);
    if (table.has_wide()) {
        const auto first = _mm512_set1_epi32(static_cast<int>(table.wide_first() >> 32U));
        const auto last = _mm512_set1_epi32(static_cast<int>(table.wide_last() >> 32U));
        found |= _mm512_mask_cmple_epu32_mask(_mm512_cmpge_epu32_mask(top, first), top, last);
    }
    return found;
}

/// Ends of IPv6 packets that the roots let through.
struct Found6 {
    alignas(64) std::array<std::uint64_t, 2 * kMaxBurst> high; // of the address, host order
    std::array<const std::uint8_t*, 2 * kMaxBurst> addresses;
    std::array<End, 2 * kMaxBurst> ends;
    std::size_t count = 0;
};

SWEEPGATE_INLINE void find_ipv6(const Table6& table, const Ipv6Ends& ends, Found6& found) {
    for (unsigned begin = 0; begin < 2 * ends.count; begin += 64) {
        const auto end = std::min(2 * ends.count, begin + 64);
        std::uint64_t hits = 0;
        for (auto i = begin; i < end; i += 2 * kLanes)
            hits |= std::uint64_t{test(table, &ends.top[i])} << (i - begin);
        for (hits &= bits_of(end - begin); hits != 0; hits &= hits - 1) {
            const auto at = begin + static_cast<unsigned>(std::countr_zero(hits));
            const auto* address = ends.address(at);
            found.addresses[found.count] = address;
            found.high[found.count] = __builtin_bswap64(load<std::uint64_t>(address));
            found.ends[found.count++] = ends.end(at);
        }
    }
}

/// Leaves those that the filters let through.
SWEEPGATE_INLINE void sift(const Table6& table, Found6& found) {
    std::size_t kept = 0;
    for (std::size_t done = 0; done < found.count; done += kLanes) {
        const auto left = found.count - done;
        const auto lanes = left >= kLanes ? 0xFFU : (1U << left) - 1;
        unsigned hits = test(table, _mm512_load_si512(&found.high[done])) & lanes;
        for (; hits != 0; hits &= hits - 1) {
            const auto i = done + static_cast<unsigned>(std::countr_zero(hits));
            found.ends[kept] = found.ends[i];
            found.addresses[kept++] = found.addresses[i];
        }
    }
    found.count = kept;
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
    if (tested.any()) add(table4, rows, tested, found4);
    auto plain = ~kinds.not_ipv4;
    Found6 found6;
    if ((kinds.ipv6 | kinds.tagged) != 0) {
        Ipv6Ends ends;
        plain |= ends.collect(rows, kinds.ipv6);
        if (kinds.tagged != 0) {
            const UntaggedRows untagged(rows, kinds.tagged);
            Tested4 behind_tags;
            const auto inner = test_ipv4(table4.map(), untagged, behind_tags);
            const auto also = ~inner.not_ipv4 | ends.collect(untagged, inner.ipv6);
            plain |= _pdep_u64(also, kinds.tagged);
            add(table4, untagged, behind_tags, found4);
        }
        find_ipv6(tables.ipv6(), ends, found6);
        // Fewer are told apart sooner one by one.
        if (found6.count > kLanes) sift(tables.ipv6(), found6);
    }
    screened.odd = ~plain & bits_of(count);
    if (found4.count + found6.count == 0) [[likely]]
        return;
    Listed listed(tables, screened);
    found4.look_up(table4, listed);
    for (std::size_t i = 0; i < found6.count; ++i)
        listed.keep(found6.ends[i], tables.ipv6().lookup(read128(found6.addresses[i])));
}

} // namespace

const Screen& avx512_screen() noexcept {
    static constexpr Screen kScreen{"avx512", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
