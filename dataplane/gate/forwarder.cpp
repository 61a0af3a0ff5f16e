// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/forwarder.hpp"

#include <rte_cycles.h>

namespace sweepgate::gate {

namespace {

/// Polls that find nothing before an lcore takes its idle sleep.
constexpr unsigned kPollsBeforeSleep = 512;

} // namespace

Forwarder::Forwarder(unsigned id, unsigned reader, Live& live, const std::atomic<bool>& stop,
                     const filter::Screen& screen, const GateOptions& options)
    : lcore(id), hits(rte_get_timer_cycles()), view{live,
                                                    counters,
                                                    reader,
                                                    TokenBucket(options.rejects_per_second,
                                                                rte_get_timer_hz()),
                                                    options.bypass_until_loaded,
                                                    options.malformed,
                                                    screen,
                                                    hits},
      stopping(stop), idle_sleep_us(static_cast<unsigned>(options.idle_sleep.count())),
      clock(options.time_turns ? std::make_unique<TurnClock>() : nullptr) {}

/// Cold work happens between bursts.
int forward(void* argument) {
    auto& forwarder = *static_cast<Forwarder*>(argument);
    auto& view = forwarder.view;
    unsigned idle = 0;
    view.live.enter(view.reader);
    while (!forwarder.stopping.load(std::memory_order_relaxed)) {
        if (forwarder.clock) forwarder.clock->tick(rte_rdtsc());
        unsigned received = 0;
        for (const auto& lane : forwarder.lanes) received += turn(lane, view);
        view.live.report_quiescent(view.reader);
        view.counters.turns.add(1);
        idle = received > 0 ? 0 : idle + 1;
        if (forwarder.idle_sleep_us > 0 && idle > kPollsBeforeSleep)
            rte_delay_us_sleep(forwarder.idle_sleep_us);
    }
    view.live.leave(view.reader);
    return 0;
}

} // namespace sweepgate::gate
