// SPDX-License-Identifier: Apache-2.0
// Four packets a step and eight addresses a gather, for untagged IPv4; the other packets are
// screened one by one. As in screen_avx512.cpp every function carries its target.
#ifdef __x86_64__

#include <bit>

#include <immintrin.h>

#include "dataplane/filter/screen_one.hpp"

#define SWEEPGATE_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define SWEEPGATE_INLINE SWEEPGATE_TARGET __attribute__((always_inline)) inline

namespace sweepgate::filter {

namespace {

constexpr std::size_t kLanes = 4;

/// Where the frames lie and how many bytes of each.
struct Four {
    __m256i at;
    __m256i length;
};

/// Gathers eight bytes each from address + Offset, in lanes whose top bit is set in `lanes`.
template <std::size_t Offset>
SWEEPGATE_INLINE __m256i load(__m256i lanes, __m256i at) {
    return _mm256_mask_i64gather_epi64(_mm256_setzero_si256(),
                                       reinterpret_cast<const long long*>(Offset), at, lanes, 1);
}

SWEEPGATE_INLINE Four locate(rte_mbuf* const* mbufs, __m256i lanes) {
    const auto at = _mm256_maskload_epi64(reinterpret_cast<const long long*>(mbufs), lanes);
    const auto low16 = _mm256_set1_epi64x(0xFFFF);
    const auto buffer = load<offsetof(rte_mbuf, buf_addr)>(lanes, at);
    const auto offset = load<offsetof(rte_mbuf, data_off)>(lanes, at);
    const auto length = load<offsetof(rte_mbuf, data_len)>(lanes, at);
    return {_mm256_add_epi64(buffer, _mm256_and_si256(offset, low16)),
            _mm256_and_si256(length, low16)};
}

SWEEPGATE_INLINE Four locate(const Frame* frames, __m256i lanes) {
    const auto index = _mm256_set_epi64x(6, 4, 2, 0); // a frame is two words
    const auto* words = reinterpret_cast<const long long*>(frames);
    const auto zero = _mm256_setzero_si256();
    return {_mm256_mask_i64gather_epi64(zero, words, index, lanes, 8),
            _mm256_and_si256(_mm256_mask_i64gather_epi64(zero, words + 1, index, lanes, 8),
                             _mm256_set1_epi64x(0xFFFFFFFF))};
}

SWEEPGATE_INLINE __m256i both_halves(__m128i bytes) { return _mm256_broadcastsi128_si256(bytes); }

struct Plain {
    __m256i addresses; // source and destination in turn, host order; 0 where not plain
    unsigned packets;  // bit n: packet n is plain
};

template <typename Packet>
SWEEPGATE_INLINE Plain read_four(const Packet* packets, std::size_t count) {
    const auto lane = _mm256_set_epi64x(3, 2, 1, 0);
    auto lanes = _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)), lane);
    const auto four = locate(packets, lanes);
    const auto shortest = _mm256_set1_epi64x(kEthernetHeader + kIpv4Header);
    lanes = _mm256_andnot_si256(_mm256_cmpgt_epi64(shortest, four.length), lanes);
    // type (2), version and header length (1), service (1), total length (2): 08 00 45 ...
    const auto words = load<kEthernetHeader - 2>(lanes, four.at);
    lanes = _mm256_and_si256(
        lanes, _mm256_cmpeq_epi64(_mm256_and_si256(words, _mm256_set1_epi64x(0x00FFFFFF)),
                                  _mm256_set1_epi64x(0x00450008)));
    const auto total = _mm256_shuffle_epi8(
        words,
        both_halves(_mm_set_epi8(-1, -1, -1, -1, -1, -1, 12, 13, -1, -1, -1, -1, -1, -1, 4, 5)));
    const auto header = _mm256_set1_epi64x(kIpv4Header);
    const auto room = _mm256_sub_epi64(four.length, _mm256_set1_epi64x(kEthernetHeader));
    const auto wrong =
        _mm256_or_si256(_mm256_cmpgt_epi64(header, total), _mm256_cmpgt_epi64(total, room));
    lanes = _mm256_andnot_si256(wrong, lanes);
    const auto pairs = load<kEthernetHeader + 12>(lanes, four.at);
    return {_mm256_shuffle_epi8(pairs, both_halves(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5,
                                                                6, 7, 0, 1, 2, 3))),
            static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(lanes)))};
}

/// Bit n: address n may be listed.
SWEEPGATE_INLINE unsigned test(const Table4::View& table, __m256i addresses) {
    const auto slot = _mm256_srl_epi32(addresses, _mm_cvtsi32_si128(static_cast<int>(table.shift)));
    const auto word = _mm256_i32gather_epi32(reinterpret_cast<const int*>(table.bits),
                                             _mm256_srli_epi32(slot, 5), 4);
    // The map's bit moves to the sign of its lane.
    const auto up = _mm256_andnot_si256(slot, _mm256_set1_epi32(31));
    return static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(word, up))));
}

template <typename Packet>
SWEEPGATE_TARGET void screen(const Tables& tables, const Packet* packets, std::size_t count,
                             Screened& screened) noexcept {
    alignas(32) std::array<std::uint32_t, 2 * kMaxBurst> addresses;
    std::array<std::uint8_t, kMaxBurst / kLanes> found;
    std::uint64_t plain = 0;
    unsigned any = 0;
    const auto table = tables.ipv4().view();
    for (std::size_t i = 0; i < count; i += kLanes) {
        const auto four = read_four(packets + i, count - i);
        _mm256_store_si256(reinterpret_cast<__m256i*>(&addresses[2 * i]), four.addresses);
        // Two bits of an address pair for the one of its packet.
        const auto hits = test(table, four.addresses) & (_pdep_u32(four.packets, 0x55) * 3);
        found[i / kLanes] = static_cast<std::uint8_t>(hits);
        any |= hits;
        plain |= std::uint64_t{four.packets} << i;
    }
    screened.odd = 0;
    screened.listed = 0;
    auto rest = ~plain & bits_of(count);
    if ((any | rest) == 0) return;
    screened.ids.fill(kUnlisted);
    for (; rest != 0; rest &= rest - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(rest));
        screen_one(tables, frame_of(packets[i]), i, screened);
    }
    for (std::size_t group = 0; any != 0 && group * kLanes < count; ++group)
        for (unsigned hits = found[group]; hits != 0; hits &= hits - 1) {
            const auto at = 2 * kLanes * group + static_cast<unsigned>(std::countr_zero(hits));
            const auto id = tables.ipv4().lookup(addresses[at]);
            if (id == kUnlisted) continue;
            screened.ids[at] = id;
            screened.listed |= std::uint64_t{1} << (at / 2);
        }
}

} // namespace

const Screen& avx2_screen() noexcept {
    static constexpr Screen kScreen{"avx2", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
