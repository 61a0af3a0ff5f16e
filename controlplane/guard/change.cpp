// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/change.hpp"

#include <algorithm>

#include "controlplane/guard/translated.hpp"

namespace sweepgate {

namespace {

/// DNS gives single addresses; neighbours join to at most this much. Anything wider stood in the
/// catalog, now or before.
constexpr Uint128 kWidestRun = 4096;

class Collector {
public:
    explicit Collector(const Catalog& catalog) : catalog_(catalog) {}

    void add(const std::string& system, const Prefix& prefix) {
        auto& addresses = sets_[system];
        if (prefix.host_mask() >= kWidestRun) return;
        const auto& listed = listed_prefixes(system);
        for (auto value = prefix.first().value; value <= prefix.last().value; ++value) {
            const Address address{prefix.address.family, value};
            if (find_covering(listed.begin(), listed.end(), address,
                              [](const Prefix& p) { return p; }) == listed.end())
                addresses.push_back(address);
            if (value == prefix.last().value) break; // the last address of all has no next
        }
    }

    AddressSets finish() {
        for (auto& [system, addresses] : sets_) {
            std::sort(addresses.begin(), addresses.end());
            addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
        }
        return std::move(sets_);
    }

private:
    const std::vector<Prefix>& listed_prefixes(const std::string& system) {
        const auto [place, fresh] = listed_.try_emplace(system);
        const auto* entry = catalog_.find(system);
        if (fresh && entry != nullptr) place->second = merge(entry->static_prefixes);
        return place->second;
    }

    const Catalog& catalog_;
    AddressSets sets_;
    std::map<std::string, std::vector<Prefix>> listed_;
};

/// Those of `mine` that are not among `theirs`; both sorted.
std::vector<Address> missing(const std::vector<Address>& mine, const std::vector<Address>& theirs) {
    std::vector<Address> found;
    std::set_difference(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                        std::back_inserter(found));
    return found;
}

/// a / b > percent / 100, in whole numbers.
bool exceeds(std::size_t a, std::size_t b, unsigned percent) { return a * 100 > b * percent; }

const std::vector<Address>& of(const AddressSets& sets, const std::string& system) {
    static const std::vector<Address> none;
    const auto found = sets.find(system);
    return found == sets.end() ? none : found->second;
}

std::string why_held(const std::vector<Address>& before, const std::vector<Address>& after,
                     const ChangeBounds& bounds, bool learning, const std::vector<Address>& free) {
    if (before.empty()) return {};
    if (after.empty())
        return "would be empty; " + std::to_string(before.size()) + " addresses before";
    const auto removed = missing(before, after).size();
    if (before.size() > bounds.small_set &&
        exceeds(removed, before.size(), bounds.most_shrink_percent))
        return "would lose " + std::to_string(removed) + " of " + std::to_string(before.size()) +
               " addresses, more than " + std::to_string(bounds.most_shrink_percent) + " %";
    if (learning) return {};
    const auto added = missing(missing(after, before), free).size();
    if (added > bounds.most_added)
        return "would gain " + std::to_string(added) + " addresses, more than " +
               std::to_string(bounds.most_added);
    if (after.size() > bounds.small_set &&
        exceeds(added, before.size(), bounds.most_growth_percent))
        return "would gain " + std::to_string(added) + " addresses on " +
               std::to_string(before.size()) + ", more than " +
               std::to_string(bounds.most_growth_percent) + " %";
    return {};
}

} // namespace

AddressSets address_sets(const Snapshot& snapshot, const Catalog& catalog,
                         std::span<const Prefix> nat64) {
    Collector collector(catalog);
    for (const auto& entry : snapshot.entries)
        if (!is_translated(entry.prefix, nat64))
            for (const auto system : snapshot.rules.classes[entry.address_class].systems)
                collector.add(snapshot.rules.systems[system].id, entry.prefix);
    return collector.finish();
}

AddressSets address_sets(const SnapshotParts& parts, const Catalog& catalog) {
    Collector collector(catalog);
    for (const auto& listing : parts.listings)
        collector.add(parts.systems[listing.system].id, listing.prefix);
    return collector.finish();
}

std::vector<Hold> check_change(const AddressSets& before, const AddressSets& after,
                               const ChangeBounds& bounds, const std::set<std::string>& learning,
                               const AddressSets& free) {
    std::vector<Hold> holds;
    for (const auto& [system, old] : before) {
        const auto& now = of(after, system);
        auto why = why_held(old, now, bounds, learning.contains(system), of(free, system));
        if (!why.empty())
            holds.push_back({system,
                             old.size(),
                             now.size(),
                             std::move(why),
                             missing(missing(now, old), of(free, system)),
                             missing(old, now),
                             {}});
    }
    return holds;
}

} // namespace sweepgate
