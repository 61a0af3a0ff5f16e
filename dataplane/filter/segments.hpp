// SPDX-License-Identifier: Apache-2.0
// Packets in several buffers: jumbo frames, and drivers that split headers from payload.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include <rte_mbuf.h>

#include "dataplane/filter/frame.hpp"

namespace sweepgate::filter {

/// So much of a chain is laid out in one piece when its headers do not end in the first buffer.
/// More than a jumbo frame; headers that reach further are malformed.
inline constexpr std::size_t kMostGathered = 16'384;
using Gathered = std::array<std::uint8_t, kMostGathered>;

/// The front of a chain, copied. A chain that ends before its pkt_len gives what there is.
inline Frame gather(const rte_mbuf* mbuf, Gathered& into) noexcept {
    std::size_t filled = 0;
    for (const auto* segment = mbuf; segment != nullptr && filled < into.size();
         segment = segment->next) {
        const auto bytes = std::min<std::size_t>(segment->data_len, into.size() - filled);
        std::memcpy(into.data() + filled, rte_pktmbuf_mtod(segment, const void*), bytes);
        filled += bytes;
    }
    return {into.data(), static_cast<std::uint32_t>(filled), mbuf->pkt_len};
}

} // namespace sweepgate::filter
