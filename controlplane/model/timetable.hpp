// SPDX-License-Identifier: Apache-2.0
// What a ruleset with schedules says at one moment. Pure but for civil_times_at(), which asks the
// machine for its time zone.
//
//   clock --civil_times_at()--> CivilTimes --schedules_at()--> ScheduleSet --rules_under()--> rules
//
// A gate compiles rules under the set in force and compiles again when the set is another; it
// acknowledges and reports the digest of the snapshot as it was published. Nothing is kept of the
// time itself, so a clock that jumps is no case of its own.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

/// Which schedules are in force: bit i is Ruleset::schedules[i].
using ScheduleSet = std::uint64_t;
static_assert(kMaxSchedules <= 64);

/// TZ or /etc/localtime is read anew when it has changed. From any thread.
[[nodiscard]] CivilTimes civil_times_at(std::chrono::system_clock::time_point now);
[[nodiscard]] inline CivilTimes civil_times_now() {
    return civil_times_at(std::chrono::system_clock::now());
}

[[nodiscard]] ScheduleSet schedules_at(const Ruleset& rules, const CivilTimes& times);
[[nodiscard]] std::vector<std::string> names_of(const Ruleset& rules, ScheduleSet in_force);

/// The action matrix, [group][system]. Of several schedules in force that name a cell the first
/// one listed decides.
[[nodiscard]] ActionMatrix actions_under(const Ruleset& rules, ScheduleSet in_force);
/// The rules with these actions, and without schedules: what judge() and a compiler take.
[[nodiscard]] Ruleset rules_under(const Ruleset& rules, ScheduleSet in_force);
/// The same of a whole snapshot. Its digest is not that of the published one.
[[nodiscard]] Snapshot snapshot_under(const Snapshot& snapshot, ScheduleSet in_force);

/// Minutes from `times` until another set is in force; nothing when the set stays for a week, and
/// so for good. Clocks are taken to go on as they do: no change of summer time is foreseen.
[[nodiscard]] std::optional<unsigned> minutes_until_change(const Ruleset& rules,
                                                           const CivilTimes& times);

} // namespace sweepgate
