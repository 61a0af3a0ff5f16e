// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/turn_times.hpp"

#include <numeric>

namespace sweepgate::gate {

void TurnTimes::add(const TurnClock& clock) {
    for (std::size_t i = 0; i < kTurnBuckets; ++i) buckets_[i] += clock.count(i);
}

TurnTimes TurnTimes::since(const TurnTimes& before) const {
    auto between = *this;
    for (std::size_t i = 0; i < kTurnBuckets; ++i) between.buckets_[i] -= before.buckets_[i];
    return between;
}

std::uint64_t TurnTimes::turns() const {
    return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
}

double TurnTimes::quantile_ns(double share) const {
    const auto wanted = share * static_cast<double>(turns());
    if (wanted == 0) return 0;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i + 1 < kTurnBuckets; ++i) {
        seen += buckets_[i];
        if (static_cast<double>(seen) >= wanted)
            return static_cast<double>(turn_bucket_begin(i + 1)) / ticks_per_ns_;
    }
    return static_cast<double>(turn_bucket_begin(kTurnBuckets - 1)) / ticks_per_ns_;
}

} // namespace sweepgate::gate
