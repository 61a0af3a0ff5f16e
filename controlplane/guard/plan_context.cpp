// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/plan_context.hpp"

#include <algorithm>

namespace sweepgate {

namespace {

template <typename List, typename More>
void append(List& list, const More& more) {
    list.insert(list.end(), more.begin(), more.end());
}

bool overlaps_any(const std::vector<Prefix>& prefixes, const Prefix& prefix) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const Prefix& other) { return other.overlaps(prefix); });
}

void learn_zones(const Catalog& catalog, const Policy& policy, OperatorZones& zones) {
    for (const auto& entry : catalog.systems)
        for (const auto* names :
             {&entry.hostnames, &entry.shared_hostnames, &entry.srv, &entry.system.suffixes})
            for (const auto& name : *names) zones.learn(entry.operator_name, name);
    for (const auto& [system, approved] : policy.approved_zones)
        for (const auto& zone : approved) zones.approve(system, zone);
}

std::string describe(const Catalog& catalog, const BookEntry& entry) {
    const auto& name = entry.name;
    if (name.role == Role::protected_host) {
        const auto found =
            std::lower_bound(catalog.protected_hosts.begin(), catalog.protected_hosts.end(),
                             name.hostname, [](const auto& protected_host, const auto& key) {
                                 return protected_host.hostname < key;
                             });
        return name.hostname + " (" + found->kind + ")";
    }
    return name.system.empty() ? name.hostname : name.hostname + " of " + name.system;
}

bool is_in_force(const Snapshot* published, const Address& address, const std::string& system) {
    if (published == nullptr) return false;
    const auto* entry = find_entry(*published, address);
    return entry != nullptr &&
           holds_system(published->rules, published->rules.classes[entry->address_class], system);
}

Candidate candidate_of(const BookEntry& entry, const CatalogSystem& known,
                       const Snapshot* published) {
    const auto& name = entry.name;
    Candidate candidate;
    candidate.prefix = host(entry.address);
    candidate.system = name.system;
    candidate.operator_name = known.operator_name;
    candidate.hostname = name.hostname;
    candidate.shared_name = name.role == Role::shared;
    candidate.shared_space = overlaps_any(known.shared_prefixes, candidate.prefix);
    candidate.chain = entry.chain;
    candidate.by_service_record = name.role == Role::service;
    candidate.resolvers = std::max<std::size_t>(entry.resolvers.size(), 1);
    candidate.sightings = entry.count;
    candidate.first_seen = entry.first_seen;
    candidate.last_seen = entry.last_seen;
    candidate.ttl = entry.ttl_lowest;
    candidate.authenticated = entry.authenticated;
    candidate.origin.source = entry.source;
    candidate.in_force = is_in_force(published, entry.address, name.system);
    return candidate;
}

} // namespace

bool holds_system(const Ruleset& rules, const AddressClass& address_class, const std::string& id) {
    return std::any_of(address_class.systems.begin(), address_class.systems.end(),
                       [&](SystemIndex system) { return rules.systems[system].id == id; });
}

void add_policy(const Catalog& catalog, const Policy& policy, GuardContext& context) {
    append(context.own, policy.own);
    append(context.treat_as_public, policy.treat_as_public);
    append(context.nat64, policy.nat64);
    context.networks = catalog.networks;
    context.belief = policy.belief;
    learn_zones(catalog, policy, context.zones);
    for (const auto& prefix : policy.never_block.prefixes)
        context.never_block.push_back({prefix, to_string(prefix)});
    for (const auto& server : policy.sanctioned)
        for (const auto& prefix : server.prefixes)
            context.sanctioned.push_back({prefix, server.name});
    for (const auto& entry : catalog.systems)
        if (policy.treatment(entry) == Treatment::sanction && lists_prefixes(policy, entry))
            for (const auto& prefix : entry.static_prefixes)
                context.sanctioned.push_back({prefix, entry.system.name});
}

void add_entries(const Catalog& catalog, const EntryPointers& entries, const SystemPlaces& places,
                 GuardContext& context) {
    for (const auto* entry : entries) {
        const Guarded guarded{host(entry->address), describe(catalog, *entry)};
        switch (entry->name.role) {
        case Role::protected_host: context.protected_addresses.push_back(guarded); break;
        case Role::never_block: context.never_block.push_back(guarded); break;
        case Role::sanctioned: context.sanctioned.push_back(guarded); break;
        case Role::server:
        case Role::service:
        case Role::shared:
            if (!places.contains(entry->name.system)) context.sanctioned.push_back(guarded);
            break;
        }
    }
}

std::vector<Candidate> candidates_of(const Catalog& catalog, const Policy& policy,
                                     const EntryPointers& entries, const SystemPlaces& places,
                                     const Snapshot* published) {
    std::vector<Candidate> found;
    for (const auto* entry : entries)
        if (places.contains(entry->name.system))
            found.push_back(candidate_of(*entry, *catalog.find(entry->name.system), published));
    for (const auto& [id, place] : places) {
        const auto& known = *catalog.find(id);
        const bool lists = lists_prefixes(policy, known);
        for (const auto& prefix : known.static_prefixes) {
            const auto* added = policy.additions.find(id, prefix);
            if (added == nullptr && !lists) continue;
            Candidate candidate;
            candidate.origin = added != nullptr
                                   ? *added
                                   : Origin{Source::published, known.file.filename().string()};
            candidate.prefix = prefix;
            candidate.system = id;
            candidate.operator_name = known.operator_name;
            found.push_back(std::move(candidate));
        }
    }
    return found;
}

} // namespace sweepgate
