// SPDX-License-Identifier: Apache-2.0
// The newest first-seen events of all gates, in memory; whoever keeps them on disk takes what is
// new. They go to the log as well, at most 100
// lines a second: a gate gone mad must not fill the disk.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>

#include "controlplane/model/hits.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kKeptEvents = 1000;
inline constexpr unsigned kLoggedPerSecond = 100;

struct GateEvent {
    std::string gate;
    HitEvent event;
};

class EventLog {
public:
    void add(const HitEvents& events);
    /// Those of before this program started, oldest first.
    void restore(const std::vector<GateEvent>& events);
    /// What came since the last call, oldest first; of more than kKeptEvents the oldest are lost.
    [[nodiscard]] std::vector<GateEvent> take_new();
    void take_back(std::vector<GateEvent> untaken);
    /// The newest first.
    [[nodiscard]] std::vector<GateEvent> newest(std::size_t most) const;
    /// Those that gates held back.
    [[nodiscard]] std::uint64_t suppressed() const;

private:
    void log(const GateEvent& event);

    mutable std::mutex mutex_;
    std::deque<GateEvent> events_; // the newest first
    std::deque<GateEvent> fresh_;  // the oldest first
    std::uint64_t suppressed_ = 0;
    std::chrono::steady_clock::time_point second_{};
    unsigned logged_ = 0; // within it
};

} // namespace sweepgate::controller
