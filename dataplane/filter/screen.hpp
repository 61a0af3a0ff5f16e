// SPDX-License-Identifier: Apache-2.0
// The first look at a burst, and for nearly every packet the only one.
//
// Screening tells three kinds of packets apart: plain ones of which neither end is listed (most of
// all traffic; nothing further is to be done), plain ones of which an end is listed, and odd ones
// that parse() has to read. Plain is IPv4 without options or IPv6 whose first header is its
// transport, behind at most two VLAN tags, whose lengths do not contradict each other. Where
// tunnels are inspected burst.cpp takes those among the plain ones for odd.
//
// Three versions do the same: portable, AVX2 and AVX-512. The best that the processor has is
// chosen once, when the program starts.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/filter/frame.hpp"
#include "dataplane/filter/tables.hpp"

struct rte_mbuf;

namespace sweepgate::filter {

/// Bit i is packet i of the burst. A packet is in none or one of the two.
struct Screened {
    std::uint64_t odd = 0;
    std::uint64_t listed = 0;
    /// Of listed packet i: [2 i] its source, [2 i + 1] its destination.
    alignas(64) std::array<ClassId, 2 * kMaxBurst> ids;

    /// Notes what end 2 i or 2 i + 1 was found to be; behind ids.fill(kUnlisted).
    void keep(std::size_t end, ClassId id) noexcept {
        ids[end] = id;
        listed |= std::uint64_t{id != kUnlisted} << (end / 2);
    }
};

/// One version. `count` <= kMaxBurst.
struct Screen {
    std::string_view name; // "avx512", "avx2", "portable"
    void (*frames)(const Tables&, const Frame*, std::size_t count, Screened&) noexcept;
    void (*mbufs)(const Tables&, rte_mbuf* const*, std::size_t count, Screened&) noexcept;
};

/// Those that this processor runs, the best first. Never empty: "portable" is always there.
[[nodiscard]] std::span<const Screen> screens() noexcept;

} // namespace sweepgate::filter
