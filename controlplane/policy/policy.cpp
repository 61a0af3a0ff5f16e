// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/policy.hpp"

#include <algorithm>

namespace sweepgate {

std::optional<Treatment> Treatments::of(const CatalogSystem& system) const {
    if (const auto own = systems.find(system.system.id); own != systems.end()) return own->second;
    if (const auto kind = categories.find(system.system.category); kind != categories.end())
        return kind->second;
    return otherwise;
}

Treatment Policy::treatment(const CatalogSystem& system) const {
    return everyone.of(system).value_or(system.default_action);
}

Action Policy::action(GroupIndex group, const CatalogSystem& system) const {
    const auto for_everyone = treatment(system);
    if (group == kEveryone || for_everyone == Treatment::sanction) return to_action(for_everyone);
    return to_action(groups.at(group - 1U).treatments.of(system).value_or(for_everyone));
}

std::optional<Action> Policy::action(const PolicySchedule& schedule, GroupIndex group,
                                     const CatalogSystem& system) const {
    const auto& whose = schedule.groups;
    if (!whose.empty() && std::find(whose.begin(), whose.end(), group) == whose.end())
        return std::nullopt;
    if (treatment(system) == Treatment::sanction) return std::nullopt;
    const auto said = schedule.treatments.of(system);
    return said ? std::optional(to_action(*said)) : std::nullopt;
}

std::uint32_t Policy::packets_per_second(const CatalogSystem& system) const {
    const auto named = limits.systems.find(system.system.id);
    return named == limits.systems.end() ? limits.packets_per_second : named->second;
}

bool Policy::enforces(const CatalogSystem& system) const {
    for (GroupIndex group = 0; group <= groups.size(); ++group) {
        if (action(group, system) != Action::pass) return true;
        for (const auto& schedule : schedules)
            if (action(schedule, group, system).value_or(Action::pass) != Action::pass) return true;
    }
    return false;
}

} // namespace sweepgate
