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

/// What a screen makes of a burst. Bit i is packet i, which is in one of the first three at most.
struct Screened {
    std::uint64_t odd = 0;     // has to be parsed
    std::uint64_t unknown = 0; // listed; the verdict depends on the client, ports or both ends
    std::uint64_t judged = 0;  // listed; judgements[i] is another verdict than `pass`
    std::uint64_t both = 0;    // of the unknown: both ends are listed
    /// Room for the burst. Of the unknown with one listed end judgements[i] says which, and the
    /// packet's shape.
    Judgement* judgements = nullptr;
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
