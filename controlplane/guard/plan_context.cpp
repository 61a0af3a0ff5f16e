// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/plan_context.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "controlplane/guard/translated.hpp"

namespace sweepgate {

namespace {

template <typename List, typename More>
void append(List& list, const More& more) {
    list.insert(list.end(), more.begin(), more.end());
}

/// What is written for a translated prefix is meant for the IPv4 one in it; nothing where that is
/// so wide that only the translation itself can be meant.
std::optional<Prefix> other_form(const Prefix& prefix, std::span<const Prefix> nat64) {
    constexpr unsigned kWidest = 8;
    const auto ipv4 = untranslated(prefix, nat64);
    return ipv4 && ipv4->length >= kWidest ? ipv4 : std::nullopt;
}

void guard_both(std::vector<Guarded>& list, const Prefix& prefix, const std::string& what,
                std::span<const Prefix> nat64) {
    list.push_back({prefix, what});
    if (const auto ipv4 = other_form(prefix, nat64)) list.push_back({*ipv4, what});
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
                       const Snapshot* published, std::span<const Prefix> nat64) {
    const auto& name = entry.name;
    Candidate candidate;
    candidate.prefix = untranslated(host(entry.address), nat64).value_or(host(entry.address));
    if (candidate.prefix.address != entry.address) candidate.answered_as = to_string(entry.address);
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
    candidate.in_force = is_in_force(published, candidate.prefix.address, name.system);
    return candidate;
}

/// The same server under the same name, in both forms: seen by both sets of resolvers.
class Joiner {
public:
    explicit Joiner(std::vector<Candidate>& found) : found_(found) {}

    void note(const BookEntry& entry) {
        places_.try_emplace(key_of(entry, entry.address), found_.size(), entry.resolvers);
    }
    /// False: it is the first of its kind.
    bool join(const BookEntry& entry, const Candidate& candidate) {
        const auto known = places_.find(key_of(entry, candidate.prefix.address));
        if (known == places_.end()) {
            places_.try_emplace(key_of(entry, candidate.prefix.address), found_.size(),
                                entry.resolvers);
            return false;
        }
        auto& [place, resolvers] = known->second;
        std::vector<std::string> all;
        std::ranges::set_union(resolvers, entry.resolvers, std::back_inserter(all));
        resolvers = std::move(all);
        auto& into = found_[place];
        into.resolvers = std::max<std::size_t>(resolvers.size(), 1);
        into.sightings += candidate.sightings;
        into.first_seen = std::min(into.first_seen, candidate.first_seen);
        into.last_seen = std::max(into.last_seen, candidate.last_seen);
        into.answered_as = candidate.answered_as;
        return true;
    }

private:
    using Key = std::tuple<const BookName&, Address>;
    using Place = std::pair<std::size_t, std::vector<std::string>>;

    static Key key_of(const BookEntry& entry, const Address& address) {
        return {entry.name, address};
    }

    std::vector<Candidate>& found_;
    std::map<Key, Place> places_;
};

std::vector<Candidate> hosts_of(const Catalog& catalog, const EntryPointers& entries,
                                const SystemPlaces& places, const Snapshot* published,
                                std::span<const Prefix> nat64) {
    std::vector<Candidate> found;
    EntryPointers behind;
    Joiner joiner(found);
    const bool any = std::ranges::any_of(entries, [&](const auto* entry) {
        return untranslated(host(entry->address), nat64).has_value();
    });
    for (const auto* entry : entries) {
        if (!places.contains(entry->name.system)) continue;
        if (any && untranslated(host(entry->address), nat64)) {
            behind.push_back(entry);
            continue;
        }
        if (any) joiner.note(*entry);
        found.push_back(candidate_of(*entry, *catalog.find(entry->name.system), published, nat64));
    }
    for (const auto* entry : behind) {
        auto candidate = candidate_of(*entry, *catalog.find(entry->name.system), published, nat64);
        if (!joiner.join(*entry, candidate)) found.push_back(std::move(candidate));
    }
    return found;
}

} // namespace

bool holds_system(const Ruleset& rules, const AddressClass& address_class, const std::string& id) {
    return std::any_of(address_class.systems.begin(), address_class.systems.end(),
                       [&](SystemIndex system) { return rules.systems[system].id == id; });
}

void add_policy(const Catalog& catalog, const Policy& policy, GuardContext& context) {
    const auto nat64 = translation_prefixes(policy.nat64);
    append(context.own, policy.own);
    for (const auto& prefix : policy.own)
        if (const auto ipv4 = other_form(prefix, nat64)) context.own.push_back(*ipv4);
    append(context.treat_as_public, policy.treat_as_public);
    append(context.nat64, policy.nat64);
    context.networks = catalog.networks;
    context.belief = policy.belief;
    learn_zones(catalog, policy, context.zones);
    for (const auto& prefix : policy.never_block.prefixes)
        guard_both(context.never_block, prefix, to_string(prefix), nat64);
    for (const auto& server : policy.sanctioned)
        for (const auto& prefix : server.prefixes)
            guard_both(context.sanctioned, prefix, server.name, nat64);
    for (const auto& entry : catalog.systems)
        if (policy.treatment(entry) == Treatment::sanction && lists_prefixes(policy, entry))
            for (const auto& prefix : entry.static_prefixes)
                guard_both(context.sanctioned, prefix, entry.system.name, nat64);
}

void add_entries(const Catalog& catalog, const EntryPointers& entries, const SystemPlaces& places,
                 GuardContext& context) {
    const auto nat64 = translation_prefixes(context.nat64);
    for (const auto* entry : entries) {
        const auto address = host(entry->address);
        const auto add = [&](std::vector<Guarded>& list) {
            guard_both(list, address, describe(catalog, *entry), nat64);
        };
        switch (entry->name.role) {
        case Role::protected_host: add(context.protected_addresses); break;
        case Role::never_block: add(context.never_block); break;
        case Role::sanctioned: add(context.sanctioned); break;
        case Role::server:
        case Role::service:
        case Role::shared:
            if (!places.contains(entry->name.system)) add(context.sanctioned);
            break;
        }
    }
}

std::vector<Candidate> candidates_of(const Catalog& catalog, const Policy& policy,
                                     const EntryPointers& entries, const SystemPlaces& places,
                                     const Snapshot* published) {
    const auto nat64 = translation_prefixes(policy.nat64);
    auto found = hosts_of(catalog, entries, places, published, nat64);
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
            candidate.prefix = untranslated(prefix, nat64).value_or(prefix);
            candidate.system = id;
            candidate.operator_name = known.operator_name;
            found.push_back(std::move(candidate));
        }
    }
    return found;
}

} // namespace sweepgate
