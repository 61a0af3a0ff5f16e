// SPDX-License-Identifier: Apache-2.0
// An lcore that forwards: its lanes, its counters and its life.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/gate/gate.hpp"
#include "dataplane/gate/lane.hpp"

namespace sweepgate::gate {

/// Never moves: `view` refers to `counters`, and the running lcore to all of it.
struct Forwarder {
    unsigned lcore = 0;
    LcoreCounters counters;
    LcoreHits hits;
    LcoreView view;
    const std::atomic<bool>& stopping;
    unsigned idle_sleep_us = 0;
    std::uint64_t turns_seen = 0; // by the watchdog
    std::vector<Lane> lanes;
    std::unique_ptr<TurnClock> clock; // only when turns are timed

    Forwarder(unsigned id, unsigned reader, Live& live, const std::atomic<bool>& stop,
              const filter::Screen& screen, const GateOptions& options);
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
};

/// The life of an lcore, until `stopping`; for rte_eal_remote_launch, with a Forwarder*.
int forward(void* forwarder);

} // namespace sweepgate::gate
