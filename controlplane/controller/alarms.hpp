// SPDX-License-Identifier: Apache-2.0
// What an administrator should know of, and what follows from the guard's judgements: refused
// answers, held systems, a missing family, sinkholes. One alarm for each system and kind, however
// many addresses stand behind it. alarm_board.hpp keeps them, whoever raises them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/guard/parity.hpp"
#include "controlplane/guard/sinkhole.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate::controller {

/// What an alarm means for `sweepgate health`: nothing; that something works less well than it
/// should; that something of what is asked for is not so.
enum class Severity : std::uint8_t { info, degraded, broken };

[[nodiscard]] std::string_view to_string(Severity severity);

struct Alarm {
    std::string kind;   // "held", "no-ipv6", "gate-silent", "resolver-silent", or a Refusal's name
    std::string system; // empty: none in particular
    std::string text;
    Instant since{};
    Severity severity = Severity::degraded;
    std::string gate{}; // empty: none in particular
    Instant until{};    // the epoch: it stands
};

/// "box/nftables: silent since 19:31:05": whom it is about, and what. The same words in the log,
/// in `health` and at the head of `status`.
[[nodiscard]] std::string line_of(const Alarm& alarm);

struct Health {
    Severity verdict = Severity::info;
    std::vector<std::string> faults; // lines of those that are not mere information, worst first
};

[[nodiscard]] Health health_of(std::span<const Alarm> standing);

/// Those that stand now, sorted by system and kind. A quorum that is only waited for is none.
[[nodiscard]] std::vector<Alarm> alarms_of(const SnapshotPlan& plan,
                                           std::span<const ParityAlarm> parity,
                                           std::span<const Sinkhole> sinkholes, Instant now);

} // namespace sweepgate::controller
