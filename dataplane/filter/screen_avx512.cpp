// SPDX-License-Identifier: Apache-2.0
// Eight packets a step: their headers are gathered straight into registers, sixteen addresses are
// tested against the table's map with one gather, and nothing is stored but the addresses. The few
// that the map lets through are looked up exactly at the end of the burst, sixteen at a time.
//
// Every function carries its target, so that nothing of this leaks into code that runs on older
// processors.
#ifdef __x86_64__

#include <bit>

#include <immintrin.h>

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/screens.hpp"

#define SWEEPGATE_TARGET                                                                           \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,bmi,bmi2,popcnt")))
#define SWEEPGATE_INLINE SWEEPGATE_TARGET __attribute__((always_inline)) inline

namespace sweepgate::filter {

namespace {

constexpr std::size_t kLanes = 8;

/// Where the frames lie and how many bytes of each.
struct Eight {
    __m512i at;
    __m512i length;
};

/// Gathers eight bytes each from address + Offset.
template <std::size_t Offset>
SWEEPGATE_INLINE __m512i load(__mmask8 lanes, __m512i at) {
    return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), lanes, at,
                                       reinterpret_cast<const void*>(Offset), 1);
}

SWEEPGATE_INLINE Eight locate(rte_mbuf* const* mbufs, __mmask8 lanes) {
    const auto at = _mm512_maskz_loadu_epi64(lanes, mbufs);
    const auto low16 = _mm512_set1_epi64(0xFFFF);
    const auto buffer = load<offsetof(rte_mbuf, buf_addr)>(lanes, at);
    const auto offset = load<offsetof(rte_mbuf, data_off)>(lanes, at);
    const auto length = load<offsetof(rte_mbuf, data_len)>(lanes, at);
    return {_mm512_add_epi64(buffer, _mm512_and_si512(offset, low16)),
            _mm512_and_si512(length, low16)};
}

SWEEPGATE_INLINE Eight locate(const Frame* frames, __mmask8 lanes) {
    const auto pairs = _pdep_u32(lanes, 0x5555U) * 3U; // a frame is two words
    const auto first = _mm512_maskz_loadu_epi64(static_cast<__mmask8>(pairs), frames);
    const auto second = _mm512_maskz_loadu_epi64(static_cast<__mmask8>(pairs >> 8U), frames + 4);
    const auto even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    const auto odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    return {_mm512_permutex2var_epi64(first, even, second),
            _mm512_and_si512(_mm512_permutex2var_epi64(first, odd, second),
                             _mm512_set1_epi64(0xFFFFFFFF))};
}

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

SWEEPGATE_INLINE __m512i swap_each_64(__m512i words) {
    return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(_mm_set_epi8(
                                          8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
}

/// Lanes whose type, the low 16 bits as they lie in memory, is a VLAN tag.
SWEEPGATE_INLINE __mmask8 tagged(__mmask8 lanes, __m512i words) {
    const auto type = _mm512_and_si512(words, _mm512_set1_epi64(0xFFFF));
    const auto is = [&](std::uint16_t number) SWEEPGATE_TARGET {
        return _mm512_mask_cmpeq_epi64_mask(lanes, type,
                                            _mm512_set1_epi64(__builtin_bswap16(number)));
    };
    return is(kTypeTag) | is(kTypeServiceTag) | is(kTypeOldServiceTag);
}

/// What is kept of a burst until its end.
struct Burst {
    alignas(64) std::array<std::uint32_t, 2 * kMaxBurst> ipv4; // source and destination in turn
    alignas(64) std::array<std::uint64_t, kMaxBurst> network;  // address of the IPv6 header
    std::array<std::uint16_t, kMaxBurst / kLanes> found4;      // bit n of [g]: ipv4[16 g + n]
    std::uint64_t source6 = 0;                                 // bit n: packet n
    std::uint64_t destination6 = 0;
};

/// Bit n: address n may be listed. Any 32 bits are an address of the map, so no lane is masked,
/// and the gather waits for nothing but the addresses.
SWEEPGATE_INLINE __mmask16 test(const Table4::View& table, __m512i addresses) {
    const auto slot = _mm512_srl_epi32(addresses, _mm_cvtsi32_si128(static_cast<int>(table.shift)));
    const auto word = _mm512_i32gather_epi32(_mm512_srli_epi32(slot, 5), table.bits, 4);
    const auto bit =
        _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(slot, _mm512_set1_epi32(31)));
    return _mm512_test_epi32_mask(word, bit);
}

/// The same of IPv6, by the upper half of each address: any 64 bits have their place in a filter.
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

/// The lanes of `lanes` that are plain IPv6; tests them.
SWEEPGATE_INLINE __mmask8 screen_ipv6(const Tables& tables, __mmask8 lanes, const Eight& eight,
                                      __m512i words, std::size_t first, Burst& burst) {
    const auto held = _mm512_mask_cmpge_epu64_mask(
        lanes, eight.length, _mm512_set1_epi64(kEthernetHeader + kIpv6Header));
    // From byte 4 of the header: payload length (2), next header (1), ...
    const auto rest = load<kEthernetHeader + 4>(held, eight.at);
    const auto source = swap_each_64(load<kEthernetHeader + 8>(held, eight.at));
    const auto destination = swap_each_64(load<kEthernetHeader + 24>(held, eight.at));
    const auto& table = tables.ipv6();
    const auto found_source = test(table, source);
    const auto found_destination = test(table, destination);
    // type (2), version and class (1), ...: 86 DD 6x
    auto plain =
        _mm512_mask_cmpeq_epi64_mask(held, _mm512_and_si512(words, _mm512_set1_epi64(0x00F0FFFF)),
                                     _mm512_set1_epi64(0x0060DD86));
    const auto end =
        _mm512_add_epi64(number_at(rest, 0, 1), _mm512_set1_epi64(kEthernetHeader + kIpv6Header));
    plain = _mm512_mask_cmple_epu64_mask(plain, end, eight.length);
    const auto next = _mm512_and_si512(_mm512_srli_epi64(rest, 16), _mm512_set1_epi64(0xFF));
    plain = _mm512_mask_testn_epi64_mask(plain, _mm512_sllv_epi64(_mm512_set1_epi64(1), next),
                                         _mm512_set1_epi64(kWalkedHeaders));

    _mm512_store_si512(&burst.network[first],
                       _mm512_add_epi64(eight.at, _mm512_set1_epi64(kEthernetHeader)));
    burst.source6 |= std::uint64_t{static_cast<__mmask8>(found_source & plain)} << first;
    burst.destination6 |= std::uint64_t{static_cast<__mmask8>(found_destination & plain)} << first;
    return plain;
}

SWEEPGATE_INLINE __m512i load_addresses(__mmask8 lanes, __m512i at) {
    return swap_each_32(load<kEthernetHeader + 12>(lanes, at));
}

/// What eight packets show: what follows their last VLAN tag, and of IPv4 both addresses.
struct View {
    Eight eight;
    __mmask8 lanes; // long enough to be read
    __m512i words;  // type and first six bytes of the header
    __m512i addresses;
};

/// Moves on behind the tags of those lanes of `tags`, which have one.
SWEEPGATE_INLINE void skip_tags(View& view, __mmask8 tags) {
    const auto tag = _mm512_set1_epi64(kTagBytes);
    const auto shortest = _mm512_set1_epi64(kEthernetHeader + kIpv4Header);
    __mmask8 moved = 0;
    for (std::size_t depth = 0; tags != 0 && depth < kMaxPlainTags; ++depth) {
        auto& [eight, lanes, words, addresses] = view;
        eight.at = _mm512_mask_add_epi64(eight.at, tags, eight.at, tag);
        eight.length = _mm512_mask_sub_epi64(eight.length, tags, eight.length, tag);
        const auto held = _mm512_mask_cmpge_epu64_mask(tags, eight.length, shortest);
        lanes = static_cast<__mmask8>(lanes & (~tags | held));
        words = _mm512_mask_mov_epi64(words, held, load<kEthernetHeader - 2>(held, eight.at));
        moved = static_cast<__mmask8>((moved | tags) & lanes);
        tags = tagged(held, words);
    }
    view.addresses =
        _mm512_mask_mov_epi64(view.addresses, moved, load_addresses(moved, view.eight.at));
}

/// Lanes whose header begins as that of IPv4 without options: type, version and length 08 00 45.
SWEEPGATE_INLINE __mmask8 ipv4_of(const View& view) {
    return _mm512_mask_cmpeq_epi64_mask(view.lanes,
                                        _mm512_and_si512(view.words, _mm512_set1_epi64(0x00FFFFFF)),
                                        _mm512_set1_epi64(0x00450008));
}

/// Packets first..first + 7, which lie at `eight`. Returns the plain ones.
SWEEPGATE_INLINE __mmask8 screen_eight(const Tables& tables, const Table4::View& table4,
                                       const Eight& eight, __mmask8 lanes, std::size_t first,
                                       Burst& burst) {
    const auto shortest = _mm512_set1_epi64(kEthernetHeader + kIpv4Header);
    lanes = _mm512_mask_cmpge_epu64_mask(lanes, eight.length, shortest);
    // The addresses are fetched before it is known whether they are any: nothing waits for it.
    View view{eight, lanes, load<kEthernetHeader - 2>(lanes, eight.at),
              load_addresses(lanes, eight.at)};
    auto plain4 = ipv4_of(view);
    __mmask8 plain6 = 0;
    if (plain4 != lanes) [[unlikely]] {
        skip_tags(view, tagged(static_cast<__mmask8>(lanes & ~plain4), view.words));
        plain4 = ipv4_of(view);
        const auto others = static_cast<__mmask8>(view.lanes & ~plain4);
        if (others != 0) plain6 = screen_ipv6(tables, others, view.eight, view.words, first, burst);
    }
    // 20 <= total length <= frame - 14, in one comparison without sign.
    const auto header = _mm512_set1_epi64(kIpv4Header);
    plain4 =
        _mm512_mask_cmple_epu64_mask(plain4, _mm512_sub_epi64(number_at(view.words, 4, 5), header),
                                     _mm512_sub_epi64(view.eight.length, shortest));
    _mm512_store_si512(&burst.ipv4[2 * first], view.addresses);
    const auto wanted = _mm512_movepi32_mask(_mm512_movm_epi64(plain4));
    burst.found4[first / kLanes] = static_cast<__mmask16>(test(table4, view.addresses) & wanted);
    return static_cast<__mmask8>(plain4 | plain6);
}

/// Addresses that the map let through, looked up exactly: sixteen buckets at once.
SWEEPGATE_INLINE void look_up(const Table4::View& table, const std::uint32_t* addresses,
                              __mmask16 lanes, std::uint32_t* ids) {
    const auto address = _mm512_maskz_loadu_epi32(lanes, addresses);
    const auto slot = _mm512_srl_epi32(address, _mm_cvtsi32_si128(static_cast<int>(table.shift)));
    const auto at = _mm512_srli_epi32(slot, 6);
    const auto* words = reinterpret_cast<const std::uint64_t*>(table.bits);
    const auto before = [&](__m256i index, __m256i bit) SWEEPGATE_TARGET {
        const auto word = _mm512_i32gather_epi64(index, words, 8);
        const auto one =
            _mm512_sllv_epi64(_mm512_set1_epi64(1),
                              _mm512_cvtepu32_epi64(_mm256_and_si256(bit, _mm256_set1_epi32(63))));
        const auto below = _mm512_and_si512(word, _mm512_sub_epi64(one, _mm512_set1_epi64(1)));
        return _mm512_cvtepi64_epi32(_mm512_popcnt_epi64(below));
    };
    const auto low = before(_mm512_castsi512_si256(at), _mm512_castsi512_si256(slot));
    const auto high = before(_mm512_extracti64x4_epi64(at, 1), _mm512_extracti64x4_epi64(slot, 1));
    const auto zero = _mm512_setzero_si512();
    const auto block =
        _mm512_mask_i32gather_epi32(zero, lanes, _mm512_srli_epi32(slot, 16), table.blocks, 4);
    const auto rank = _mm512_and_si512(_mm512_mask_i32gather_epi32(zero, lanes, at, table.ranks, 2),
                                       _mm512_set1_epi32(0xFFFF));
    const auto bucket = _mm512_add_epi32(_mm512_add_epi32(block, rank),
                                         _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
    const auto content = _mm512_mask_i32gather_epi32(zero, lanes, bucket, table.buckets, 4);
    const auto offset = _mm512_and_si512(
        address, _mm512_set1_epi32(static_cast<int>((std::uint32_t{1} << table.shift) - 1)));
    const auto upper = _mm512_srli_epi32(content, 16); // form and offset
    const auto form = _mm512_srli_epi32(content, 30);
    const auto host = _mm512_mask_cmpeq_epi32_mask(lanes, upper, offset);
    const auto whole = _mm512_mask_cmpeq_epi32_mask(lanes, form, _mm512_set1_epi32(Table4::kWhole));
    _mm512_storeu_si512(ids, _mm512_maskz_and_epi32(static_cast<__mmask16>(host | whole), content,
                                                    _mm512_set1_epi32(0xFFFF)));
    unsigned lists = _mm512_mask_cmpeq_epi32_mask(lanes, form, _mm512_set1_epi32(Table4::kList));
    if (lists == 0) return;
    alignas(64) std::array<std::uint32_t, 16> contents;
    _mm512_store_si512(contents.data(), content);
    for (; lists != 0; lists &= lists - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(lists));
        ids[i] = table.table->look_into(contents[i], addresses[i]);
    }
}

SWEEPGATE_INLINE void look_up_found4(const Tables& tables, const Burst& burst, std::size_t groups,
                                     Screened& screened) {
    std::array<std::uint8_t, 2 * kMaxBurst> position;
    alignas(64) std::array<std::uint32_t, 2 * kMaxBurst + 16> address;
    alignas(64) std::array<std::uint32_t, 16> ids;
    std::size_t count = 0;
    for (std::size_t group = 0; group < groups; ++group)
        for (unsigned found = burst.found4[group]; found != 0; found &= found - 1) {
            const auto at = group * 16 + static_cast<unsigned>(std::countr_zero(found));
            position[count] = static_cast<std::uint8_t>(at);
            address[count++] = burst.ipv4[at];
        }
    const auto table = tables.ipv4().view();
    for (std::size_t done = 0; done < count; done += 16) {
        const auto left = count - done;
        const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1);
        look_up(table, &address[done], lanes, ids.data());
        unsigned hits = _mm512_mask_test_epi32_mask(lanes, _mm512_load_si512(ids.data()),
                                                    _mm512_set1_epi32(0xFFFF));
        for (; hits != 0; hits &= hits - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(hits));
            const auto at = position[done + i];
            screened.ids[at] = static_cast<ClassId>(ids[i]);
            screened.listed |= std::uint64_t{1} << (at / 2U);
        }
    }
}

SWEEPGATE_INLINE void look_up_found6(const Tables& tables, std::uint64_t found, const Burst& burst,
                                     std::size_t end, std::size_t offset, Screened& screened) {
    for (; found != 0; found &= found - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(found));
        const auto* address = reinterpret_cast<const std::uint8_t*>(burst.network[i]) + offset;
        const auto id = tables.ipv6().lookup(read128(address));
        if (id == kUnlisted) continue;
        screened.ids[2 * i + end] = id;
        screened.listed |= std::uint64_t{1} << i;
    }
}

template <typename Packet>
SWEEPGATE_TARGET void screen(const Tables& tables, const Packet* packets, std::size_t count,
                             Screened& screened) noexcept {
    Burst burst;
    const auto table4 = tables.ipv4().view();
    std::uint64_t plain = 0;
    unsigned any4 = 0;
    const auto lanes_at = [count](std::size_t i) SWEEPGATE_TARGET {
        return static_cast<__mmask8>(count - i >= kLanes ? 0xFFU : (1U << (count - i)) - 1);
    };
    // Each step's gathers wait for those of the step before; with all packets in one step before
    // the next begins, there is always one that need not wait.
    std::array<Eight, kMaxBurst / kLanes> eights;
    for (std::size_t i = 0; i < count; i += kLanes)
        eights[i / kLanes] = locate(packets + i, lanes_at(i));
    for (std::size_t i = 0; i < count; i += kLanes) {
        plain |=
            std::uint64_t{screen_eight(tables, table4, eights[i / kLanes], lanes_at(i), i, burst)}
            << i;
        any4 |= burst.found4[i / kLanes];
    }
    screened.odd = ~plain & bits_of(count);
    screened.listed = 0;
    if ((any4 | burst.source6 | burst.destination6) == 0) [[likely]]
        return;
    screened.ids.fill(kUnlisted);
    look_up_found4(tables, burst, (count + kLanes - 1) / kLanes, screened);
    look_up_found6(tables, burst.source6, burst, 0, 8, screened);
    look_up_found6(tables, burst.destination6, burst, 1, 24, screened);
}

} // namespace

const Screen& avx512_screen() noexcept {
    static constexpr Screen kScreen{"avx512", screen<Frame>, screen<rte_mbuf*>};
    return kScreen;
}

} // namespace sweepgate::filter

#endif
