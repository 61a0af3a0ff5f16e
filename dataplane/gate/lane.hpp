// SPDX-License-Identifier: Apache-2.0
// One direction of a port pair, and the turn that an lcore makes on it.
#pragma once

#include <cstdint>

#include "dataplane/filter/token_bucket.hpp"
#include "dataplane/gate/counters.hpp"
#include "dataplane/gate/lcore_hits.hpp"
#include "dataplane/gate/live.hpp"

namespace sweepgate::gate {

/// What is received at most in one turn. A burst costs as much as one or two packets for itself,
/// and with more than this its buffers, what it is received from and the tables leave the first
/// cache.
inline constexpr std::uint16_t kBurst = 48;
static_assert(kBurst <= filter::kMaxBurst);

using filter::TokenBucket;

/// What the lanes of one lcore share.
struct LcoreView {
    Live& live;
    LcoreCounters& counters;
    unsigned reader; // index of the lcore within Live and Edition
    TokenBucket answers;
    bool bypass_until_loaded;
    filter::MalformedFate malformed;
    const filter::Screen& screen;
    LcoreHits& hits;
    unsigned copy = 0; // of the tables, that of the lcore's NUMA node
};

/// The lcore has both ports' transmit queue of that number to itself.
struct Lane {
    std::uint16_t rx_port;
    std::uint16_t tx_port;
    std::uint16_t rx_queue = 0;
    std::uint16_t tx_queue = 0;
};

/// One turn: receive a burst, judge each packet, send or free it. Never allocates, locks, logs or
/// throws. On return every mbuf has left our hands. Returns the number of packets received.
std::uint16_t turn(const Lane& lane, LcoreView& lcore) noexcept;

} // namespace sweepgate::gate
