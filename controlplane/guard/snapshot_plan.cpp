// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/snapshot_plan.hpp"

#include <algorithm>
#include <map>

namespace sweepgate {

namespace {

void append(std::vector<BookName>& names, const std::string& system,
            const std::vector<std::string>& hostnames, Role role) {
    for (const auto& hostname : hostnames) names.push_back({system, hostname, role});
}

bool is_swept(const Policy& policy, const CatalogSystem& entry) {
    return policy.enforces(entry) || policy.treatment(entry) == Treatment::sanction;
}

bool lists_prefixes(const Policy& policy, const CatalogSystem& entry) {
    return !entry.historical || policy.historical_static;
}

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

bool overlaps_any(const std::vector<Prefix>& prefixes, const Prefix& prefix) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const Prefix& other) { return other.overlaps(prefix); });
}

bool holds_system(const Ruleset& rules, const AddressClass& address_class, const std::string& id) {
    return std::any_of(address_class.systems.begin(), address_class.systems.end(),
                       [&](SystemIndex system) { return rules.systems[system].id == id; });
}

class Assembler {
public:
    Assembler(const Catalog& catalog, const Policy& policy, std::span<const BookEntry> entries,
              GuardContext context)
        : catalog_(catalog), policy_(policy), context_(std::move(context)) {
        const auto names = names_to_sweep(catalog, policy);
        // A name that the catalog or policy has dropped is swept no more, so the book would keep
        // it for good: it stops here.
        // What an SRV record points to is in no list; it stays as long as its system is swept.
        for (const auto& entry : entries)
            if (entry.name.role == Role::service
                    ? has_services(entry.name.system)
                    : std::binary_search(names.begin(), names.end(), entry.name))
                entries_.push_back(&entry);
    }

    Result<SnapshotPlan> assemble(const LastGood& last_good) {
        fill_rules();
        fill_context_from_policy();
        fill_context_from_entries();
        plan_.judgements = evaluate(candidates(), context_);
        for (const auto& judgement : plan_.judgements) list(judgement);
        if (last_good.snapshot != nullptr) hold(last_good);
        for (const auto& guarded : context_.sanctioned) {
            plan_.parts.allow.push_back(guarded.prefix);
            plan_.parts.sanctioned.push_back(guarded.prefix);
        }
        if (plan_.parts.listings.size() > kMaxEntries)
            return fail(Errc::bad_input, std::to_string(plan_.parts.listings.size()) +
                                             " listings, at most " + std::to_string(kMaxEntries));
        return std::move(plan_);
    }

private:
    [[nodiscard]] bool has_services(const std::string& system) const {
        const auto* known = catalog_.find(system);
        return known != nullptr && !known->srv.empty() && is_swept(policy_, *known);
    }

    void fill_rules() {
        auto& parts = plan_.parts;
        for (const auto& entry : catalog_.systems) {
            if (!policy_.enforces(entry)) continue;
            index_[entry.system.id] = static_cast<SystemIndex>(parts.systems.size());
            parts.systems.push_back(entry.system);
            parts.systems.back().ports = enforced_ports(entry, policy_);
        }
        parts.groups.push_back({"everyone", {}});
        for (const auto& group : policy_.groups)
            parts.groups.push_back({group.name, group.sources});
        parts.actions = rows<Action>([&](GroupIndex group, const CatalogSystem& entry) {
            return policy_.action(group, entry);
        });
        for (const auto& schedule : policy_.schedules)
            parts.schedules.push_back(
                {schedule.name, schedule.days, schedule.from, schedule.to, schedule.clock,
                 rows<std::optional<Action>>([&](GroupIndex group, const CatalogSystem& entry) {
                     return policy_.action(schedule, group, entry);
                 })});
        Ruleset rules;
        rules.actions = parts.actions;
        rules.schedules = parts.schedules;
        for (std::size_t i = 0; i < parts.systems.size(); ++i)
            if (is_limited(rules, static_cast<SystemIndex>(i)))
                parts.systems[i].packets_per_second =
                    policy_.packets_per_second(*catalog_.find(parts.systems[i].id));
        parts.inspect_tunnels = policy_.inspect_tunnels;
    }

    /// A matrix [group][system] of the parts so far.
    template <typename Cell, typename CellOf>
    [[nodiscard]] std::vector<std::vector<Cell>> rows(CellOf cell_of) const {
        const auto& parts = plan_.parts;
        std::vector<std::vector<Cell>> rows(parts.groups.size());
        for (std::size_t group = 0; group < rows.size(); ++group)
            for (const auto& system : parts.systems)
                rows[group].push_back(
                    cell_of(static_cast<GroupIndex>(group), *catalog_.find(system.id)));
        return rows;
    }

    void fill_context_from_policy() {
        const auto add = [](auto& list, const auto& more) {
            list.insert(list.end(), more.begin(), more.end());
        };
        add(context_.own, policy_.own);
        add(context_.treat_as_public, policy_.treat_as_public);
        for (const auto& prefix : policy_.never_block.prefixes)
            context_.never_block.push_back({prefix, to_string(prefix)});
        for (const auto& server : policy_.sanctioned)
            for (const auto& prefix : server.prefixes)
                context_.sanctioned.push_back({prefix, server.name});
        for (const auto& entry : catalog_.systems)
            if (policy_.treatment(entry) == Treatment::sanction && lists_prefixes(policy_, entry))
                for (const auto& prefix : entry.static_prefixes)
                    context_.sanctioned.push_back({prefix, entry.system.name});
    }

    void fill_context_from_entries() {
        for (const auto* entry : entries_) {
            const Guarded guarded{host(entry->address), describe(*entry)};
            switch (entry->name.role) {
            case Role::protected_host: context_.protected_addresses.push_back(guarded); break;
            case Role::never_block: context_.never_block.push_back(guarded); break;
            case Role::sanctioned: context_.sanctioned.push_back(guarded); break;
            case Role::server:
            case Role::service:
            case Role::shared:
                if (!index_.contains(entry->name.system)) context_.sanctioned.push_back(guarded);
                break;
            }
        }
    }

    [[nodiscard]] std::string describe(const BookEntry& entry) const {
        const auto& name = entry.name;
        if (name.role == Role::protected_host) {
            const auto found =
                std::lower_bound(catalog_.protected_hosts.begin(), catalog_.protected_hosts.end(),
                                 name.hostname, [](const auto& protected_host, const auto& key) {
                                     return protected_host.hostname < key;
                                 });
            return name.hostname + " (" + found->kind + ")";
        }
        return name.system.empty() ? name.hostname : name.hostname + " of " + name.system;
    }

    [[nodiscard]] std::vector<Candidate> candidates() const {
        std::vector<Candidate> found;
        for (const auto* entry : entries_) {
            const auto& name = entry->name;
            if (!index_.contains(name.system)) continue;
            const auto& known = *catalog_.find(name.system);
            found.push_back({host(entry->address), name.system, known.operator_name, name.hostname,
                             name.role == Role::shared,
                             overlaps_any(known.shared_prefixes, host(entry->address)),
                             entry->chain});
        }
        for (const auto& [id, index] : index_) {
            const auto& known = *catalog_.find(id);
            if (!lists_prefixes(policy_, known)) continue;
            for (const auto& prefix : known.static_prefixes)
                found.push_back({prefix, id, known.operator_name, {}, false, false, {}});
        }
        return found;
    }

    void list(const Judgement& judgement) {
        if (judgement.disposition == Disposition::refused) return;
        const auto scope =
            judgement.disposition == Disposition::shared ? Scope::shared : Scope::exclusive;
        plan_.parts.listings.push_back({judgement.prefix, index_.at(judgement.system), scope});
        auto& allow = plan_.parts.allow;
        allow.insert(allow.end(), judgement.allow_first.begin(), judgement.allow_first.end());
    }

    void hold(const LastGood& last_good) {
        auto before = address_sets(*last_good.snapshot, catalog_);
        // A system that the policy no longer enforces leaves by decision, not by accident.
        std::erase_if(before, [&](const auto& set) { return !index_.contains(set.first); });
        for (auto& change : check_change(before, address_sets(plan_.parts, catalog_),
                                         policy_.bounds, learning_systems())) {
            if (last_good.approved.contains(change.system)) continue;
            restore(*last_good.snapshot, change.system);
            plan_.holds.push_back(std::move(change));
        }
    }

    /// Systems whose first sighting is younger than the learning time, by the newest sighting of
    /// all: the union over rotating answers still grows by itself.
    [[nodiscard]] std::set<std::string> learning_systems() const {
        Instant newest{};
        std::map<std::string, Instant> oldest;
        for (const auto* entry : entries_) {
            newest = std::max(newest, entry->last_seen);
            const auto place = oldest.emplace(entry->name.system, entry->first_seen).first;
            place->second = std::min(place->second, entry->first_seen);
        }
        std::set<std::string> young;
        for (const auto& [system, first] : oldest)
            if (newest - first < policy_.bounds.learning) young.insert(system);
        return young;
    }

    /// The listings of one system as they were published, judged again: what has become own or
    /// protected since is not enforced.
    void restore(const Snapshot& snapshot, const std::string& system) {
        const auto index = index_.at(system);
        std::erase_if(plan_.parts.listings,
                      [&](const Listing& listing) { return listing.system == index; });
        std::vector<Candidate> candidates;
        std::vector<Scope> scopes;
        for (const auto& entry : snapshot.entries) {
            const auto& address_class = snapshot.rules.classes[entry.address_class];
            if (!holds_system(snapshot.rules, address_class, system)) continue;
            candidates.push_back({entry.prefix, system, {}, {}, false, false, {}});
            scopes.push_back(address_class.scope);
        }
        auto judgements = evaluate(candidates, context_);
        for (std::size_t i = 0; i < judgements.size(); ++i) {
            if (judgements[i].disposition != Disposition::refused && scopes[i] == Scope::shared)
                judgements[i].disposition = Disposition::shared;
            list(judgements[i]);
        }
    }

    const Catalog& catalog_;
    const Policy& policy_;
    GuardContext context_;
    std::vector<const BookEntry*> entries_;
    std::map<std::string, SystemIndex> index_; // enforced systems only
    SnapshotPlan plan_;
};

} // namespace

std::vector<BookName> names_to_sweep(const Catalog& catalog, const Policy& policy) {
    std::vector<BookName> names;
    for (const auto& entry : catalog.systems) {
        if (!is_swept(policy, entry)) continue;
        append(names, entry.system.id, entry.hostnames, Role::server);
        append(names, entry.system.id, entry.shared_hostnames, Role::shared);
    }
    for (const auto& protected_host : catalog.protected_hosts)
        names.push_back({"", protected_host.hostname, Role::protected_host});
    for (const auto& server : policy.sanctioned)
        append(names, "", server.hostnames, Role::sanctioned);
    append(names, "", policy.never_block.hostnames, Role::never_block);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<Judgement> SnapshotPlan::refused() const {
    std::vector<Judgement> found;
    std::copy_if(
        judgements.begin(), judgements.end(), std::back_inserter(found),
        [](const Judgement& judgement) { return judgement.disposition == Disposition::refused; });
    return found;
}

Result<SnapshotPlan> assemble(const Catalog& catalog, const Policy& policy,
                              std::span<const BookEntry> entries, GuardContext context,
                              const LastGood& last_good) {
    return Assembler(catalog, policy, entries, std::move(context)).assemble(last_good);
}

} // namespace sweepgate
