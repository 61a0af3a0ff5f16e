// SPDX-License-Identifier: Apache-2.0
// What an administrator should know of: refused answers, held systems, a missing family, sinkholes.
// One alarm for each system and kind, however many addresses stand behind it.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "controlplane/guard/parity.hpp"
#include "controlplane/guard/sinkhole.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kKeptAlarms = 1000;

struct Alarm {
    std::string kind;   // "held", "no-ipv6", "sinkhole", or a Refusal's name
    std::string system; // empty: none in particular
    std::string text;
    Instant since{};
};

/// Those that stand now, sorted by system and kind. A quorum that is only waited for is none,
/// until it has been waited for 5 min, or at once where a long TTL lets it take longer.
[[nodiscard]] std::vector<Alarm> alarms_of(const SnapshotPlan& plan,
                                           std::span<const ParityAlarm> parity,
                                           std::span<const Sinkhole> sinkholes, Instant now);

class AlarmLog {
public:
    /// Replaces those that stand. What was not standing before is logged and kept as an event.
    void update(std::vector<Alarm> standing);
    [[nodiscard]] const std::vector<Alarm>& standing() const { return standing_; }
    /// When they began, the newest first.
    [[nodiscard]] std::vector<Alarm> newest(std::size_t most) const;

private:
    std::vector<Alarm> standing_;
    std::deque<Alarm> raised_; // the newest first
};

} // namespace sweepgate::controller
