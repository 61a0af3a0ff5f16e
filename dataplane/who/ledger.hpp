// SPDX-License-Identifier: Apache-2.0
// What a gate knows of whom it hit: top talkers and first-seen events, in bounded memory (about 4
// MB with the defaults). Not thread-safe.
#pragma once

#include <array>

#include "controlplane/model/client_prefix.hpp"
#include "dataplane/who/first_seen.hpp"
#include "dataplane/who/system_names.hpp"

namespace sweepgate::who {

struct Options {
    std::size_t counters = 1024; // of each dimension and minute; 16..65536
    ClientPrefix client_prefix;
    std::size_t remembered = 16'384; // combinations that are no longer new
    double events_per_second = 50;
    double events_at_once = 200;
};

class Ledger {
public:
    explicit Ledger(const Options& options, SteadyClock::time_point now = SteadyClock::now());

    SystemNames names;
    /// What may be kept of a client.
    [[nodiscard]] const ClientPrefix& client_prefix() const { return options_.client_prefix; }

    /// `time_ms`: since 1970, for the event that this may become.
    void note(const Hit& hit, SteadyClock::time_point now, std::uint64_t time_ms);

    /// gate and kind stay as they are.
    [[nodiscard]] TopAnswer top(const TopQuery& query,
                                SteadyClock::time_point now = SteadyClock::now());
    /// Those since the last call, at most kMostEvents at a time; gate and kind stay as they are.
    [[nodiscard]] HitEvents take_events();

private:
    Options options_;
    std::array<Talkers, 4> talkers_; // in the order of TalkersBy
    FirstSeen first_seen_;
    EventLimiter limiter_;
    std::vector<HitEvent> events_; // kMostWaiting at most
    std::uint64_t suppressed_ = 0;
};

} // namespace sweepgate::who
