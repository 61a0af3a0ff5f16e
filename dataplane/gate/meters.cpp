// SPDX-License-Identifier: Apache-2.0
// The rates of limited systems. Each lcore has a bucket of its own and an equal share of the rate,
// rounded up: no lcore waits for another, and a system whose packets all come over one lcore gets
// that lcore's share.
#include <rte_cycles.h>

#include "dataplane/gate/gate_state.hpp"

namespace sweepgate::gate {

std::vector<std::shared_ptr<Meter>> Gate::State::meters_of(std::size_t lcore,
                                                           const filter::Tables& tables) {
    const auto& systems = tables.systems();
    std::vector<std::shared_ptr<Meter>> found(systems.size());
    std::erase_if(meters, [](const auto& meter) { return meter.second.expired(); });
    const auto shares = static_cast<std::uint32_t>(forwarders.size());
    for (std::size_t i = 0; i < systems.size(); ++i) {
        const auto rate = systems[i].packets_per_second;
        if (rate == 0) continue;
        auto& known = meters[{systems[i].id, rate, lcore}];
        found[i] = known.lock();
        if (found[i]) continue;
        found[i] = std::make_shared<Meter>(
            Meter{filter::TokenBucket((rate + shares - 1) / shares, rte_get_timer_hz())});
        known = found[i];
    }
    return found;
}

} // namespace sweepgate::gate
