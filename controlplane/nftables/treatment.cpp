// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/treatment.hpp"

#include <algorithm>

namespace sweepgate::nftables {

namespace {

Outcome outcome_of(const std::vector<Action>& row, const AddressClass& address_class, Tier tier) {
    Outcome hits;
    for (const auto system : address_class.systems)
        if (row[system] > Action::pass) hits.push_back({row[system], system});
    std::stable_sort(hits.begin(), hits.end(),
                     [](const Hit& a, const Hit& b) { return a.action > b.action; });
    if (address_class.scope == Scope::exclusive && hits.size() > 1) hits.resize(1);
    std::erase_if(hits, [&](const Hit& hit) { return tier_of(hit.action) != tier; });
    return hits;
}

} // namespace

bool Treatment::does_anything() const {
    return std::any_of(groups.begin(), groups.end(),
                       [](const Outcome& outcome) { return !outcome.empty(); });
}

bool Treatment::treats_all_alike() const {
    return std::all_of(groups.begin(), groups.end(),
                       [&](const Outcome& outcome) { return outcome == groups.front(); });
}

Treatment treatment_of(const Ruleset& rules, const AddressClass& address_class, Tier tier) {
    Treatment treatment;
    treatment.groups.reserve(rules.actions.size());
    for (const auto& row : rules.actions)
        treatment.groups.push_back(outcome_of(row, address_class, tier));
    return treatment;
}

} // namespace sweepgate::nftables
