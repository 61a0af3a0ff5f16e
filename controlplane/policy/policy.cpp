// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/policy.hpp"

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

bool Policy::enforces(const CatalogSystem& system) const {
    for (std::size_t group = 0; group <= groups.size(); ++group)
        if (action(static_cast<GroupIndex>(group), system) != Action::pass) return true;
    return false;
}

} // namespace sweepgate
