// SPDX-License-Identifier: Apache-2.0
// Sixteen addresses of eight packets are tested against the table's map with one gather. The few
// that the map lets through are looked up exactly at the end of the burst.
//
// Every function carries its target, so that nothing of this leaks into code that runs on older
// processors.
#ifdef __x86_64__

#include <bit>

#include <immintrin.h>

#include "dataplane/filter/columns.hpp"

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

/// Lanes whose type, the low 16 bits as they lie in memory, is a VLAN tag.
SWEEPGATE_INLINE __mmask8 tagged(__m512i words) {
    const auto type = _mm512_and_si512(words, _mm512_set1_epi64(0xFFFF));
    const auto is = [&](std::uint16_t number) SWEEPGATE_TARGET {
        return _mm512_cmpeq_epi64_mask(type, _mm512_set1_epi64(__builtin_bswap16(number)));
    };
    return is(kTypeTag) | is(kTypeServiceTag) | is(kTypeOldServiceTag);
}

SWEEPGATE_INLINE Kinds kinds_of(const Columns& columns, std::size_t count) {
    const auto header = _mm512_set1_epi64(kIpv4Header);
    const auto shortest = _mm512_set1_epi64(kEthernetHeader + kIpv4Header);
    Kinds kinds;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const auto words = _mm512_load_si512(&columns.types[i]);
        const auto length = _mm512_cvtepu32_epi64(
            _mm256_load_si256(reinterpret_cast<const __m256i*>(&columns.lengths[i])));
        // IPv4 without options: type, version and length 08 00 45.
        auto ipv4 = _mm512_cmpeq_epi64_mask(_mm512_and_si512(words, _mm512_set1_epi64(0x00FFFFFF)),
                                            _mm512_set1_epi64(0x00450008));
        if (ipv4 != 0xFF) [[unlikely]] {
            const auto ipv6 =
                _mm512_cmpeq_epi64_mask(_mm512_and_si512(words, _mm512_set1_epi64(0x00F0FFFF)),
                                        _mm512_set1_epi64(0x0060DD86));
            kinds.ipv6 |= std::uint64_t{ipv6} << i;
            kinds.tagged |= std::uint64_t{tagged(words)} << i;
        }
        // 20 <= total length <= frame - 14, in one comparison without sign.
        ipv4 = _mm512_mask_cmple_epu64_mask(ipv4, _mm512_sub_epi64(number_at(words, 4, 5), header),
                                            _mm512_sub_epi64(length, shortest));
        kinds.ipv4 |= std::uint64_t{ipv4} << i;
    }
    return kinds.within(count);
}

/// Bit n: bit slots[n] of the map is set. Any slot is one of the map's, so no lane is masked, and
/// the gather waits for nothing but the slots.
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

SWEEPGATE_INLINE void find_ipv4(const Table4::Map& map, const Columns& columns, std::uint64_t plain,
                                Found4& found) {
    const auto shift = _mm_cvtsi32_si128(static_cast<int>(map.shift));
    for (std::size_t i = 0; i < kMaxBurst; i += kLanes) {
        const auto lanes = static_cast<__mmask8>(plain >> i);
        if (lanes == 0) continue;
        const auto addresses = swap_each_32(_mm512_load_si512(&columns.pairs[i]));
        const auto wanted = _mm512_movepi32_mask(_mm512_movm_epi64(lanes));
        const auto slots = _mm512_srl_epi32(addresses, shift);
        const auto hits = static_cast<__mmask16>(test(map.bits, slots) & wanted);
        if (hits == 0) continue;
        // The positions 2 i, 2 i + 1, ... of those that were found, and their addresses.
        const auto numbers =
            _mm_add_epi8(_mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                         _mm_set1_epi8(static_cast<char>(2 * i)));
        const auto packed = _mm512_maskz_compress_epi32(hits, _mm512_cvtepu8_epi32(numbers));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(&found.ends[found.count]),
                         _mm512_cvtepi32_epi8(packed));
        _mm512_storeu_si512(&found.addresses[found.count],
                            _mm512_maskz_compress_epi32(hits, addresses));
        found.count += static_cast<unsigned>(std::popcount(static_cast<unsigned>(hits)));
    }
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
    std::array<std::uint8_t, 2 * kMaxBurst> ends; // 2 * packet, and 1 more for the destination
    std::size_t count = 0;
};

SWEEPGATE_INLINE void find_ipv6(const Table6& table, const Columns& columns, const Ipv6Ends& ends,
                                Found6& found) {
    for (unsigned first = 0; first < ends.count; first += kLanes) {
        const auto left = 2 * (ends.count - first);
        const auto lanes = left >= 16 ? 0xFFFFU : (1U << left) - 1;
        for (auto hits = test(table, &ends.top[std::size_t{2} * first]) & lanes; hits != 0;
             hits &= hits - 1) {
            const auto at = 2 * first + static_cast<unsigned>(std::countr_zero(hits));
            const auto* address = ends.address(columns, at);
            found.addresses[found.count] = address;
            found.high[found.count] = __builtin_bswap64(load<std::uint64_t>(address));
            found.ends[found.count++] = static_cast<std::uint8_t>(ends.end(at));
        }
    }
}

SWEEPGATE_INLINE void look_up_found6(const Table6& table, const Found6& found, Listed& listed) {
    for (std::size_t done = 0; done < found.count; done += kLanes) {
        const auto left = found.count - done;
        const auto lanes = left >= kLanes ? 0xFFU : (1U << left) - 1;
        unsigned hits = test(table, _mm512_load_si512(&found.high[done])) & lanes;
        for (; hits != 0; hits &= hits - 1) {
            const auto i = done + static_cast<unsigned>(std::countr_zero(hits));
            listed.keep(found.ends[i], table.lookup(read128(found.addresses[i])));
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
    Found6 found6;
    if (kinds.ipv6 != 0) {
        Ipv6Ends ends;
        plain |= collect_ipv6(columns, kinds.ipv6, ends);
        find_ipv6(tables.ipv6(), columns, ends, found6);
    }
    screened.odd = ~plain & bits_of(count);
    if (found4.count + found6.count == 0) [[likely]]
        return;
    Listed listed(tables, screened);
    look_up(tables.ipv4(), found4, listed);
    look_up_found6(tables.ipv6(), found6, listed);
}

} // namespace

const Screen& avx512_screen() noexcept {
    static constexpr Screen kScreen{"avx512", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
