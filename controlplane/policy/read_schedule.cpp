// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controlplane/model/nearest.hpp"
#include "controlplane/policy/treatments.hpp"

namespace sweepgate {

namespace {

std::uint8_t read_days(config::Section& section) {
    if (!section.has("days")) return kEveryDay;
    std::vector<std::string> known;
    for (unsigned day = 0; day < 7; ++day) known.emplace_back(day_word(day));
    unsigned days = 0;
    for (const auto& text : section.texts("days")) {
        if (const auto day = day_from(text.value))
            days |= 1U << *day;
        else
            section.reject(text, "unknown day " + in_quotes(text.value) +
                                     did_you_mean(text.value, known) + "; days are " +
                                     known.front() + " to " + known.back());
    }
    if (days == 0) section.reject("days", "a schedule without a day is never in force");
    return static_cast<std::uint8_t>(days);
}

/// 24:00 is 00:00: a schedule that ends not behind its beginning ends on the day after.
std::uint16_t read_hour(config::Section& section, std::string_view key) {
    const auto text = section.text(key);
    const auto minutes = hour_from(text);
    if (!minutes || (*minutes == kMinutesPerDay && key == "from"))
        section.reject(key, std::string(key) + " = " + in_quotes(text) +
                                " is not an hour like '08:00' or '17:45'");
    return static_cast<std::uint16_t>(minutes.value_or(0) % kMinutesPerDay);
}

Clock read_clock(config::Section& section) {
    const auto text = section.text_or("clock", "local");
    if (text == "utc") return Clock::utc;
    static const std::vector<std::string> kClocks{"local", "utc"};
    if (text != "local")
        section.reject("clock", "clock = " + in_quotes(text) + " " + not_one_of(text, kClocks));
    return Clock::local;
}

std::vector<GroupIndex> read_groups(config::Section& section, const Policy& policy) {
    std::vector<std::string> known{"everyone"};
    for (const auto& group : policy.groups) known.push_back(group.name);
    std::vector<GroupIndex> groups;
    for (const auto& text : section.texts("groups")) {
        const auto found = std::find(known.begin(), known.end(), text.value);
        if (found == known.end())
            section.reject(text, "unknown group " + in_quotes(text.value) +
                                     did_you_mean(text.value, known));
        groups.push_back(static_cast<GroupIndex>(found - known.begin()));
    }
    if (section.has("groups") && groups.empty())
        section.reject("groups", "an empty list of groups; leave it out to mean all");
    return groups;
}

} // namespace

PolicySchedule read_schedule(config::Section& section, const KnownWords& known,
                             const Policy& policy) {
    PolicySchedule schedule;
    schedule.name = section.text("name");
    if (!is_system_id(schedule.name))
        section.reject("name", "schedule name " + in_quotes(schedule.name) +
                                   " is not 1..32 of a-z, 0-9 and '-'");
    for (const auto& other : policy.schedules)
        if (other.name == schedule.name)
            section.reject("name", "schedule " + in_quotes(schedule.name) + " stands twice");
    schedule.days = read_days(section);
    schedule.from = read_hour(section, "from");
    schedule.to = read_hour(section, "to");
    schedule.clock = read_clock(section);
    schedule.groups = read_groups(section, policy);
    schedule.treatments.otherwise = treatment_at(section, "action");
    read_named(section, known, schedule.treatments);
    const auto& [systems, categories, otherwise] = schedule.treatments;
    if (systems.empty() && categories.empty() && !otherwise)
        section.reject_whole("schedule " + in_quotes(schedule.name) +
                             " says nothing: give it an action, systems or "
                             "categories");
    return schedule;
}

} // namespace sweepgate
