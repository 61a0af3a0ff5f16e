// SPDX-License-Identifier: Apache-2.0
// Counters of one lcore. One thread writes, any may read: no lock, no lost count, and the reader
// may be a few packets late.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "controlplane/model/hits.hpp"
#include "dataplane/filter/judge.hpp"

namespace sweepgate::gate {

class Counter {
public:
    void add(std::uint64_t packets) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + packets, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t read() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// A cache line to itself, so that lcores do not write into each other's.
struct alignas(64) LcoreCounters {
    std::array<Counter, filter::kVerdicts> verdicts;
    Counter received;
    Counter sent;
    Counter tx_full;          // passed, but the other port had no room
    Counter tx_too_big;       // above the other port's MTU; dropped unjudged, not in `received`
    Counter rx_too_big;       // above the MTU of the port it came in by: joined before; dropped too
    Counter completed;        // checksums that the sender's kernel had left open
    Counter answered;         // rejected packets whose sender was told
    Counter answers_withheld; // the rate limit was reached, or no answer is due
    Counter hits_carried;     // without a record of their own: hit_sampler.hpp
    Counter turns;
};

/// Packets of one system on one lcore.
struct SystemCounters {
    Counter dropped;
    Counter rejected;
    Counter monitored;
    Counter limited;                                // over the rate
    Counter within;                                 // below it
    std::array<Counter, kPortClasses> port_classes; // the same packets

    void add(filter::Verdict verdict, std::uint64_t packets) noexcept {
        switch (verdict) {
        case filter::Verdict::drop: dropped.add(packets); break;
        case filter::Verdict::reject: rejected.add(packets); break;
        case filter::Verdict::monitor: monitored.add(packets); break;
        case filter::Verdict::limit: within.add(packets); break;
        case filter::Verdict::drop_limited: limited.add(packets); break;
        default: break;
        }
    }
};

} // namespace sweepgate::gate
