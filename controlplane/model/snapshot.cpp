// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/snapshot.hpp"

#include <map>

#include "controlplane/model/bounds.hpp"
#include "controlplane/model/sweepline.hpp"

namespace sweepgate {

namespace {

Status check_sanctioned(const SnapshotParts& parts, const std::vector<Prefix>& allow) {
    for (const auto& sanctioned : parts.sanctioned) {
        const auto covering = find_covering(allow.begin(), allow.end(), sanctioned.address,
                                            [](const Prefix& prefix) { return prefix; });
        if (covering != allow.end() && covering->contains(sanctioned)) continue;
        for (const auto& listing : parts.listings)
            if (listing.prefix.overlaps(sanctioned))
                return fail(Errc::refused, "listing " + to_string(listing.prefix) + " of " +
                                               parts.systems[listing.system].id +
                                               " covers the sanctioned " + to_string(sanctioned) +
                                               ", which is not allowed first");
    }
    return {};
}

/// One row with its columns moved to their new places. False when it has another width.
template <typename Cell>
bool rearrange(std::vector<Cell>& row, const std::vector<SystemIndex>& place) {
    if (row.size() != place.size()) return false;
    std::vector<Cell> moved(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) moved[place[i]] = row[i];
    row = std::move(moved);
    return true;
}

/// Sorts systems by id and carries indexes in listings and action rows along.
Status sort_systems(SnapshotParts& parts) {
    const auto count = parts.systems.size();
    if (auto ok = check_count("systems", count, kMaxSystems); !ok) return ok;
    std::vector<SystemIndex> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<SystemIndex>(i);
    std::sort(order.begin(), order.end(), [&](SystemIndex a, SystemIndex b) {
        return parts.systems[a].id < parts.systems[b].id;
    });
    std::vector<SystemIndex> place(count);
    std::vector<System> systems(count);
    for (std::size_t i = 0; i < count; ++i) {
        place[order[i]] = static_cast<SystemIndex>(i);
        systems[i] = std::move(parts.systems[order[i]]);
        std::sort(systems[i].ports.begin(), systems[i].ports.end());
    }
    parts.systems = std::move(systems);
    bool fits = true;
    for (auto& row : parts.actions) fits = rearrange(row, place) && fits;
    for (auto& schedule : parts.schedules)
        for (auto& row : schedule.actions) fits = rearrange(row, place) && fits;
    if (!fits) return fail(Errc::bad_input, "an action row of the wrong width");
    for (auto& listing : parts.listings) {
        if (listing.system >= count)
            return fail(Errc::bad_input, "listing " + to_string(listing.prefix) + " has no system");
        listing.system = place[listing.system];
    }
    return {};
}

} // namespace

Result<Snapshot> build_snapshot(SnapshotParts parts, Generation generation, Instant issued_at,
                                Instant expires_at) {
    if (auto ok = sort_systems(parts); !ok) return tl::unexpected(ok.error());

    Snapshot snapshot{generation, issued_at, expires_at, {}, {}};
    auto& rules = snapshot.rules;
    rules.allow = merge(parts.allow);
    if (auto ok = check_sanctioned(parts, rules.allow); !ok) return tl::unexpected(ok.error());

    const auto stretches = flatten(parts.listings);
    std::map<AddressClass, ClassIndex> classes;
    for (const auto& stretch : stretches) classes.emplace(stretch.address_class, ClassIndex{0});
    if (auto ok = check_count("classes", classes.size(), kMaxClasses); !ok)
        return tl::unexpected(ok.error());
    for (auto& [address_class, index] : classes) {
        index = static_cast<ClassIndex>(rules.classes.size());
        rules.classes.push_back(address_class);
    }
    for (const auto& stretch : stretches)
        for (const auto& prefix : to_prefixes(stretch.range))
            snapshot.entries.push_back({prefix, classes.at(stretch.address_class)});

    rules.systems = std::move(parts.systems);
    rules.groups = std::move(parts.groups);
    for (auto& group : rules.groups) std::sort(group.sources.begin(), group.sources.end());
    rules.actions = std::move(parts.actions);
    rules.inspect_tunnels = parts.inspect_tunnels;
    rules.schedules = std::move(parts.schedules);
    if (auto ok = validate(snapshot); !ok) return tl::unexpected(ok.error());
    return snapshot;
}

const Entry* find_entry(const Snapshot& snapshot, const Address& address) {
    const auto found = find_covering(snapshot.entries.begin(), snapshot.entries.end(), address,
                                     [](const Entry& entry) { return entry.prefix; });
    return found == snapshot.entries.end() ? nullptr : &*found;
}

bool is_allowed(const Snapshot& snapshot, const Address& address) {
    const auto& allow = snapshot.rules.allow;
    return find_covering(allow.begin(), allow.end(), address,
                         [](const Prefix& prefix) { return prefix; }) != allow.end();
}

bool is_limited(const Ruleset& rules, SystemIndex system) {
    const auto limits = [&](const auto& row) {
        return system < row.size() && row[system] == Action::limit;
    };
    return std::any_of(rules.actions.begin(), rules.actions.end(), limits) ||
           std::any_of(rules.schedules.begin(), rules.schedules.end(), [&](const auto& schedule) {
               return std::any_of(schedule.actions.begin(), schedule.actions.end(), limits);
           });
}

bool limits_anything(const Ruleset& rules) {
    for (std::size_t i = 0; i < rules.systems.size(); ++i)
        if (is_limited(rules, static_cast<SystemIndex>(i))) return true;
    return false;
}

GroupIndex group_of(const Ruleset& rules, const Address& client) {
    GroupIndex best = kEveryone;
    int best_length = -1;
    for (std::size_t i = 1; i < rules.groups.size(); ++i)
        for (const auto& source : rules.groups[i].sources)
            if (source.length > best_length && source.contains(client)) {
                best = static_cast<GroupIndex>(i);
                best_length = source.length;
            }
    return best;
}

} // namespace sweepgate
