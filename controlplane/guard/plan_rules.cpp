// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/plan_rules.hpp"

namespace sweepgate {

namespace {

/// The ports on which a shared address is enforced: without those of the web, unless told so.
/// Whoever shares the address is reached there.
std::vector<PortRange> enforced_ports(const CatalogSystem& entry, const Policy& policy) {
    if (policy.shared_web) return entry.system.ports;
    std::vector<PortRange> ports = entry.system.ports;
    for (const std::uint16_t web : {std::uint16_t{80}, std::uint16_t{443}}) {
        std::vector<PortRange> kept;
        for (const auto& range : ports) {
            if (!range.contains(static_cast<std::uint8_t>(range.transport), web)) {
                kept.push_back(range);
                continue;
            }
            if (range.first < web)
                kept.push_back({range.transport, range.first, static_cast<std::uint16_t>(web - 1)});
            if (range.last > web)
                kept.push_back({range.transport, static_cast<std::uint16_t>(web + 1), range.last});
        }
        ports = std::move(kept);
    }
    return ports;
}

/// A matrix [group][system].
template <typename Cell, typename CellOf>
std::vector<std::vector<Cell>> rows(const Catalog& catalog, const SnapshotParts& parts,
                                    CellOf cell_of) {
    std::vector<std::vector<Cell>> rows(parts.groups.size());
    for (std::size_t group = 0; group < rows.size(); ++group)
        for (const auto& system : parts.systems)
            rows[group].push_back(
                cell_of(static_cast<GroupIndex>(group), *catalog.find(system.id)));
    return rows;
}

} // namespace

bool is_swept(const Policy& policy, const CatalogSystem& entry) {
    return policy.enforces(entry) || policy.treatment(entry) == Treatment::sanction;
}

bool lists_prefixes(const Policy& policy, const CatalogSystem& entry) {
    return !entry.historical || policy.historical_static;
}

SnapshotParts rules_of(const Catalog& catalog, const Policy& policy, SystemPlaces& places) {
    SnapshotParts parts;
    for (const auto& entry : catalog.systems) {
        if (!policy.enforces(entry)) continue;
        places[entry.system.id] = static_cast<SystemIndex>(parts.systems.size());
        parts.systems.push_back(entry.system);
        parts.systems.back().ports = enforced_ports(entry, policy);
    }
    parts.groups.push_back({"everyone", {}});
    for (const auto& group : policy.groups) parts.groups.push_back({group.name, group.sources});
    parts.actions = rows<Action>(catalog, parts, [&](GroupIndex group, const CatalogSystem& entry) {
        return policy.action(group, entry);
    });
    for (const auto& schedule : policy.schedules)
        parts.schedules.push_back(
            {schedule.name, schedule.days, schedule.from, schedule.to, schedule.clock,
             rows<std::optional<Action>>(catalog, parts,
                                         [&](GroupIndex group, const CatalogSystem& entry) {
                                             return policy.action(schedule, group, entry);
                                         })});
    Ruleset rules;
    rules.actions = parts.actions;
    rules.schedules = parts.schedules;
    for (std::size_t i = 0; i < parts.systems.size(); ++i)
        if (is_limited(rules, static_cast<SystemIndex>(i)))
            parts.systems[i].packets_per_second =
                policy.packets_per_second(*catalog.find(parts.systems[i].id));
    parts.inspect_tunnels = policy.inspect_tunnels;
    return parts;
}

} // namespace sweepgate
