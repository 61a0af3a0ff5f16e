// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/first_seen.hpp"

namespace sweepgate::who {

bool FirstSeen::is_new(const Key& key, SteadyClock::time_point now) {
    if (const auto known = places_.find(key); known != places_.end()) {
        const auto seen = known->second;
        const bool forgotten = now - seen->last >= kForgottenAfter;
        seen->last = now;
        seen_.splice(seen_.begin(), seen_, seen);
        return forgotten;
    }
    if (seen_.size() >= capacity_) {
        places_.erase(seen_.back().key);
        seen_.pop_back();
    }
    seen_.push_front({key, now});
    places_.emplace(key, seen_.begin());
    return true;
}

bool EventLimiter::take(SteadyClock::time_point now) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

} // namespace sweepgate::who
