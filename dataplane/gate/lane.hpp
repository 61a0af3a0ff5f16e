// SPDX-License-Identifier: Apache-2.0
// One direction of a port pair, and the turn that an lcore makes on it.
#pragma once

#include <cstdint>

#include "dataplane/gate/counters.hpp"
#include "dataplane/gate/lcore_hits.hpp"
#include "dataplane/gate/live.hpp"

namespace sweepgate::gate {

/// What is received at most in one turn. A burst costs as much as one or two packets for itself.
inline constexpr std::uint16_t kBurst = filter::kMaxBurst;

/// Lets `per_second` events through, and that many at once after a quiet second.
class TokenBucket {
public:
    TokenBucket(unsigned per_second, std::uint64_t ticks_per_second)
        : ticks_per_token_(ticks_per_second / (per_second == 0 ? 1 : per_second)),
          capacity_(per_second), tokens_(per_second) {}

    [[nodiscard]] bool take(std::uint64_t now) noexcept {
        if (const auto earned = (now - last_) / ticks_per_token_; earned > 0) {
            tokens_ = earned > capacity_ - tokens_ ? capacity_ : tokens_ + earned;
            last_ = now;
        }
        if (tokens_ == 0) return false;
        --tokens_;
        return true;
    }

private:
    std::uint64_t ticks_per_token_;
    std::uint64_t capacity_;
    std::uint64_t tokens_;
    std::uint64_t last_ = 0;
};

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
