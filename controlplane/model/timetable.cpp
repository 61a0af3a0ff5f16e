// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/timetable.hpp"

#include <algorithm>
#include <ctime>

namespace sweepgate {

namespace {

WeekMinute minute_of(const std::tm& time) {
    const auto day = static_cast<unsigned>(time.tm_wday + 6) % 7; // tm_wday: 0 is Sunday
    return static_cast<WeekMinute>(day * kMinutesPerDay + static_cast<unsigned>(time.tm_hour) * 60 +
                                   static_cast<unsigned>(time.tm_min));
}

WeekMinute later(WeekMinute minute, unsigned by) {
    return static_cast<WeekMinute>((minute + by) % kMinutesPerWeek);
}

} // namespace

CivilTimes civil_times_at(std::chrono::system_clock::time_point now) {
    const auto seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    std::tm utc{};
    tzset(); // localtime_r() alone would keep the zone of its first call
    localtime_r(&seconds, &local);
    gmtime_r(&seconds, &utc);
    return {minute_of(local), minute_of(utc)};
}

ScheduleSet schedules_at(const Ruleset& rules, const CivilTimes& times) {
    ScheduleSet set = 0;
    for (std::size_t i = 0; i < std::min(rules.schedules.size(), kMaxSchedules); ++i)
        if (rules.schedules[i].is_in_force(times)) set |= ScheduleSet{1} << i;
    return set;
}

std::vector<std::string> names_of(const Ruleset& rules, ScheduleSet in_force) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < rules.schedules.size(); ++i)
        if ((in_force >> i & 1U) != 0) names.push_back(rules.schedules[i].name);
    return names;
}

ActionMatrix actions_under(const Ruleset& rules, ScheduleSet in_force) {
    auto actions = rules.actions;
    // The last first: each schedule before it writes over what it says.
    for (auto i = rules.schedules.size(); i-- > 0;) {
        if ((in_force >> i & 1U) == 0) continue;
        const auto& said = rules.schedules[i].actions;
        for (std::size_t group = 0; group < actions.size(); ++group)
            for (std::size_t system = 0; system < actions[group].size(); ++system)
                actions[group][system] = said[group][system].value_or(actions[group][system]);
    }
    return actions;
}

Ruleset rules_under(const Ruleset& rules, ScheduleSet in_force) {
    auto resolved = rules;
    resolved.actions = actions_under(rules, in_force);
    resolved.schedules.clear();
    return resolved;
}

Snapshot snapshot_under(const Snapshot& snapshot, ScheduleSet in_force) {
    auto resolved = snapshot;
    resolved.rules = rules_under(snapshot.rules, in_force);
    return resolved;
}

std::optional<unsigned> minutes_until_change(const Ruleset& rules, const CivilTimes& times) {
    const auto now = schedules_at(rules, times);
    for (unsigned minutes = 1; minutes <= kMinutesPerWeek; ++minutes)
        if (schedules_at(rules, {later(times.local, minutes), later(times.utc, minutes)}) != now)
            return minutes;
    return std::nullopt;
}

} // namespace sweepgate
