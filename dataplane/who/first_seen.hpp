// SPDX-License-Identifier: Apache-2.0
// Which combinations of client, system and port are new: not seen for an hour.
//
// Keys are kept whole, so a new combination is never taken for a known one. Memory is bounded: when
// it is full the one not seen for longest is forgotten, and told as new again if it comes back
// within its hour. Under a flood of sampled hits a combination may be seen late, or not at all.
#pragma once

#include <list>
#include <unordered_map>

#include "dataplane/who/talkers.hpp"

namespace sweepgate::who {

inline constexpr std::chrono::hours kForgottenAfter{1};

class FirstSeen {
public:
    explicit FirstSeen(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

    [[nodiscard]] bool is_new(const Key& key, SteadyClock::time_point now);
    [[nodiscard]] std::size_t size() const { return seen_.size(); }

private:
    struct Seen {
        Key key;
        SteadyClock::time_point last;
    };
    std::size_t capacity_;
    std::list<Seen> seen_; // the latest first
    std::unordered_map<Key, std::list<Seen>::iterator> places_;
};

/// Lets `per_second` events through, and `burst` at once after a quiet time.
class EventLimiter {
public:
    EventLimiter(double per_second, double burst, SteadyClock::time_point now)
        : per_second_(per_second), burst_(burst), tokens_(burst), last_(now) {}

    [[nodiscard]] bool take(SteadyClock::time_point now);

private:
    double per_second_;
    double burst_;
    double tokens_;
    SteadyClock::time_point last_;
};

} // namespace sweepgate::who
