// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "controlplane/model/bounds.hpp"
#include "controlplane/model/entry_checks.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

namespace {

Status check_text(std::string_view what, const std::string& text) {
    if (text.size() <= kMaxText) return {};
    return fail(Errc::bad_input, std::string(what) + " of " + std::to_string(text.size()) +
                                     " bytes, at most " + std::to_string(kMaxText));
}

template <typename List, typename PrefixOf>
Status check_disjoint(std::string_view what, const List& list, PrefixOf prefix_of) {
    const Prefix* before = nullptr;
    for (const auto& item : list) {
        const Prefix& prefix = prefix_of(item);
        if (auto ok = check_prefix(prefix); !ok) return within(what, ok.error());
        if (before != nullptr)
            if (auto ok = check_follows(what, *before, prefix); !ok) return ok;
        before = &prefix;
    }
    return {};
}

Status check_system(const System& system) {
    if (!is_system_id(system.id))
        return fail(Errc::bad_input, "'" + system.id.substr(0, 64) + "' is not a system id");
    if (auto ok = check_text("system name", system.name); !ok) return ok;
    if (auto ok = check_text("category", system.category); !ok) return ok;
    if (auto ok = check_count("ports", system.ports.size(), kMaxPortsPerSystem); !ok) return ok;
    if (auto ok = check_count("suffixes", system.suffixes.size(), kMaxSuffixesPerSystem); !ok)
        return ok;
    for (const auto& range : system.ports)
        if (range.first > range.last || to_string(range.transport) == "unknown")
            return fail(Errc::bad_input, "system " + system.id + ": bad port range " +
                                             std::to_string(range.first) + "-" +
                                             std::to_string(range.last));
    for (const auto& suffix : system.suffixes)
        if (auto ok = check_text("suffix", suffix); !ok) return ok;
    return {};
}

Status check_systems(const Ruleset& rules) {
    if (auto ok = check_count("systems", rules.systems.size(), kMaxSystems); !ok) return ok;
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        if (auto ok = check_system(rules.systems[i]); !ok) return ok;
        if (i > 0 && rules.systems[i - 1].id >= rules.systems[i].id)
            return fail(Errc::bad_input, "system " + rules.systems[i].id + " is out of order");
    }
    return {};
}

Status check_classes(const Ruleset& rules) {
    if (auto ok = check_count("classes", rules.classes.size(), kMaxClasses); !ok) return ok;
    for (std::size_t i = 0; i < rules.classes.size(); ++i) {
        const auto& systems = rules.classes[i].systems;
        const auto scope = rules.classes[i].scope;
        const bool sorted = std::adjacent_find(systems.begin(), systems.end(),
                                               std::greater_equal<>{}) == systems.end();
        if (systems.empty() || !sorted || systems.back() >= rules.systems.size() ||
            (scope != Scope::exclusive && scope != Scope::shared) ||
            (i > 0 && !(rules.classes[i - 1] < rules.classes[i])))
            return fail(Errc::bad_input, "class " + std::to_string(i) + " is malformed");
    }
    return {};
}

Status check_groups(const Ruleset& rules) {
    if (rules.groups.empty() || !rules.groups[kEveryone].sources.empty())
        return fail(Errc::bad_input, "the first group must be everyone, without sources");
    if (auto ok = check_count("groups", rules.groups.size(), kMaxGroups); !ok) return ok;
    std::set<Prefix> sources;
    std::size_t count = 0;
    for (const auto& group : rules.groups) {
        if (auto ok = check_text("group name", group.name); !ok) return ok;
        if (auto ok = check_count("sources", count += group.sources.size(), kMaxSources); !ok)
            return ok;
        for (const auto& source : group.sources) {
            if (auto ok = check_prefix(source); !ok)
                return within("group " + group.name, ok.error());
            if (!sources.insert(source).second)
                return fail(Errc::bad_input, "source " + to_string(source) + " is in two groups");
        }
    }
    return {};
}

Status check_actions(const Ruleset& rules) {
    if (rules.actions.size() != rules.groups.size())
        return fail(Errc::bad_input, "the action matrix has " +
                                         std::to_string(rules.actions.size()) + " rows for " +
                                         std::to_string(rules.groups.size()) + " groups");
    for (const auto& row : rules.actions) {
        if (row.size() != rules.systems.size())
            return fail(Errc::bad_input, "an action row has " + std::to_string(row.size()) +
                                             " columns for " +
                                             std::to_string(rules.systems.size()) + " systems");
        for (const auto action : row)
            if (to_string(action) == "unknown")
                return fail(Errc::bad_input,
                            "unknown action " + std::to_string(static_cast<unsigned>(action)));
    }
    return {};
}

Status check_schedule(const Ruleset& rules, const Schedule& schedule) {
    const auto reject = [&](const std::string& why) {
        return fail(Errc::bad_input, "schedule '" + schedule.name.substr(0, 64) + "' " + why);
    };
    if (!is_system_id(schedule.name)) return reject("is not named by 1..32 of a-z, 0-9 and '-'");
    if (schedule.days == 0 || schedule.days > kEveryDay) return reject("has no day or an eighth");
    if (schedule.from >= kMinutesPerDay || schedule.to >= kMinutesPerDay)
        return reject("begins or ends behind 23:59");
    if (to_string(schedule.clock) == "unknown") return reject("has an unknown clock");
    if (schedule.actions.size() != rules.groups.size())
        return reject("has " + std::to_string(schedule.actions.size()) + " rows for " +
                      std::to_string(rules.groups.size()) + " groups");
    for (const auto& row : schedule.actions) {
        if (row.size() != rules.systems.size()) return reject("has a row of the wrong width");
        for (const auto& action : row)
            if (action && to_string(*action) == "unknown") return reject("has an unknown action");
    }
    return {};
}

Status check_schedules(const Ruleset& rules) {
    if (auto ok = check_count("schedules", rules.schedules.size(), kMaxSchedules); !ok) return ok;
    std::set<std::string> names;
    for (const auto& schedule : rules.schedules) {
        if (auto ok = check_schedule(rules, schedule); !ok) return ok;
        if (!names.insert(schedule.name).second)
            return fail(Errc::bad_input, "schedule '" + schedule.name + "' stands twice");
    }
    return {};
}

/// Behind the matrices: they say who is limited.
Status check_rates(const Ruleset& rules) {
    for (std::size_t i = 0; i < rules.systems.size(); ++i) {
        const auto rate = rules.systems[i].packets_per_second;
        if (rate > kMaxPacketsPerSecond ||
            (rate == 0 && is_limited(rules, static_cast<SystemIndex>(i))))
            return fail(Errc::bad_input, "system " + rules.systems[i].id + " is limited to " +
                                             std::to_string(rate) +
                                             " packets/s, which is not within 1..1000000");
    }
    return {};
}

Status check_entries(const Snapshot& snapshot) {
    if (auto ok = check_count("entries", snapshot.entries.size(), kMaxEntries); !ok) return ok;
    for (const auto& entry : snapshot.entries)
        if (entry.address_class >= snapshot.rules.classes.size())
            return fail(Errc::bad_input, "entry " + to_string(entry.prefix) + " has no class");
    return check_disjoint("entries", snapshot.entries,
                          [](const Entry& entry) -> const Prefix& { return entry.prefix; });
}

} // namespace

Status validate(const Ruleset& rules) {
    if (auto ok = check_systems(rules); !ok) return ok;
    if (auto ok = check_classes(rules); !ok) return ok;
    if (auto ok = check_groups(rules); !ok) return ok;
    if (auto ok = check_actions(rules); !ok) return ok;
    if (auto ok = check_schedules(rules); !ok) return ok;
    if (auto ok = check_rates(rules); !ok) return ok;
    if (auto ok = check_count("allow prefixes", rules.allow.size(), kMaxAllow); !ok) return ok;
    return check_disjoint("allow", rules.allow,
                          [](const Prefix& prefix) -> const Prefix& { return prefix; });
}

Status validate(const Snapshot& snapshot) {
    if (auto ok = validate(snapshot.rules); !ok) return ok;
    return check_entries(snapshot);
}

} // namespace sweepgate
