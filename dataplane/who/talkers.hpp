// SPDX-License-Identifier: Apache-2.0
// Top talkers of one dimension, since the start and over the last minutes. A minute's summary is
// merged into the long one when it ends, so a hit is counted once.
#pragma once

#include <chrono>
#include <deque>

#include "dataplane/who/hit.hpp"
#include "dataplane/who/sampling.hpp"
#include "dataplane/who/space_saving.hpp"

namespace sweepgate::who {

using SteadyClock = std::chrono::steady_clock;

[[nodiscard]] Key key_of(const Hit& hit, TalkersBy by);

/// The hits of a stretch of time.
struct Summary {
    SpaceSaving<Key> keys;
    Sampling sampling;

    explicit Summary(std::size_t capacity) : keys(capacity) {}
    void add(const Key& key, std::uint64_t weight) {
        keys.add(key, weight, Sampling::spread(weight));
        sampling.add(weight);
    }
    void merge(const Summary& other) {
        keys.merge(other.keys);
        sampling.merge(other.sampling);
    }
};

class Talkers {
public:
    Talkers(TalkersBy by, std::size_t capacity, SteadyClock::time_point now);

    void add(const Hit& hit, SteadyClock::time_point now);
    /// `minutes` 0: since the start. Otherwise that many whole minutes and the one that runs.
    [[nodiscard]] Summary over(unsigned minutes, SteadyClock::time_point now);

private:
    void turn_pages(SteadyClock::time_point now);

    TalkersBy by_;
    std::size_t capacity_;
    Summary all_; // without the minute that runs
    Summary minute_;
    std::deque<Summary> past_; // the newest first; kMostMinutes of them
    SteadyClock::time_point minute_ends_;
};

} // namespace sweepgate::who
