// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/snapshot_plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "controlplane/guard/collapse.hpp"
#include "controlplane/guard/plan_context.hpp"
#include "controlplane/guard/ranges.hpp"
#include "controlplane/guard/translated.hpp"

namespace sweepgate {

namespace {

/// Names that a person has put there lately. What an SRV record leads to is one of them while its
/// whole system is.
class NewNames {
public:
    NewNames(const NamesAsked& asked, Instant now, std::chrono::minutes learning) {
        for (const auto& [name, since] : asked)
            (now - since < learning ? fresh_ : old_).insert(name);
        for (const auto& name : old_) old_systems_.insert(name.system);
    }
    [[nodiscard]] bool has(const BookName& name) const {
        if (name.role == Role::service)
            return !fresh_.empty() && !old_systems_.contains(name.system) &&
                   std::ranges::any_of(
                       fresh_, [&](const BookName& each) { return each.system == name.system; });
        return fresh_.contains(name);
    }

private:
    std::set<BookName> fresh_;
    std::set<BookName> old_;
    std::set<std::string> old_systems_;
};

using NamesOfAddress = std::function<std::vector<BookName>(const std::string&, const Address&)>;

/// What a snapshot holds beside the prefixes of that catalog.
DnsPart not_listed(const Snapshot& snapshot, const Catalog& catalog, const NamesOfAddress& names,
                   std::span<const Prefix> nat64) {
    DnsPart part;
    for (const auto& [system, addresses] : address_sets(snapshot, catalog, nat64))
        for (const auto& address : addresses) {
            const auto* entry = find_entry(snapshot, address);
            const auto scope = snapshot.rules.classes[entry->address_class].scope;
            for (const auto& name : names(system, address))
                part.push_back({name, address, scope, true, false});
        }
    return in_order(std::move(part));
}

void append(std::vector<BookName>& names, const std::string& system,
            const std::vector<std::string>& hostnames, Role role) {
    for (const auto& hostname : hostnames) names.push_back({system, hostname, role});
}

class Assembler {
public:
    Assembler(const Catalog& catalog, const Policy& policy, std::span<const BookEntry> entries,
              GuardContext context)
        : catalog_(catalog), policy_(policy), context_(std::move(context)),
          names_(names_to_sweep(catalog, policy)) {
        // A name that the catalog or policy has dropped is swept no more, so the book would keep
        // it for good: it stops here.
        // What an SRV record points to is in no list; it stays as long as its system is swept.
        for (const auto& entry : entries)
            if (is_asked(entry.name)) entries_.push_back(&entry);
    }

    Result<SnapshotPlan> assemble(const LastGood& last_good) {
        judge(last_good, true);
        plan_.dns = remembered(last_good);
        plan_.dns =
            last_good.decided ? take_decision(plan_.dns, seen_) : with_seen(plan_.dns, seen_);
        settle(last_good);
        leave_published_space();
        for (const auto& guarded : context_.sanctioned) {
            plan_.parts.allow.push_back(guarded.prefix);
            plan_.parts.sanctioned.push_back(guarded.prefix);
        }
        plan_.exceptions = exceptions_of(context_);
        if (plan_.parts.listings.size() > kMaxEntries)
            return fail(Errc::bad_input, std::to_string(plan_.parts.listings.size()) +
                                             " listings, at most " + std::to_string(kMaxEntries));
        // All of a translation left alone: nothing behind it is judged by its IPv4 form.
        for (const auto* list : {&context_.never_block, &context_.sanctioned})
            for (const auto& guarded : *list)
                if (is_translated(guarded.prefix, plan_.nat64))
                    plan_.parts.allow.push_back(guarded.prefix);
        bound_translations();
        return std::move(plan_);
    }

    DnsPart dns_part(const LastGood& last_good) {
        judge(last_good, false);
        return with_seen(remembered(last_good), seen_);
    }

private:
    [[nodiscard]] bool is_asked(const BookName& name) const {
        return name.role == Role::service ? has_services(name.system)
                                          : std::binary_search(names_.begin(), names_.end(), name);
    }

    /// What is too much to be listed in both forms is listed in its own, and that is told.
    void bound_translations() {
        const auto doubled = [&](const auto& list, const auto& prefix_of) {
            return list.size() +
                   plan_.nat64.size() *
                       static_cast<std::size_t>(std::ranges::count_if(list, [&](const auto& item) {
                           return prefix_of(item).address.family == Family::ipv4;
                       }));
        };
        const auto listed =
            doubled(plan_.parts.listings, [](const Listing& each) { return each.prefix; });
        const auto allowed =
            doubled(plan_.parts.allow, [](const Prefix& prefix) { return prefix; });
        if (listed <= kMaxEntries && allowed <= kMaxAllow) return;
        plan_.untranslated = "IPv4 servers are not stopped behind NAT64: that would take " +
                             std::to_string(listed) + " listings and " + std::to_string(allowed) +
                             " allowed prefixes, at most " + std::to_string(kMaxEntries) + " and " +
                             std::to_string(kMaxAllow) + " fit";
    }

    [[nodiscard]] bool has_services(const std::string& system) const {
        const auto* known = catalog_.find(system);
        return known != nullptr && !known->srv.empty() && is_swept(policy_, *known);
    }

    /// Fills in the rules, `seen_` and, with `listed`, what is no matter of DNS.
    void judge(const LastGood& last_good, bool listed) {
        plan_.nat64 = translation_prefixes(policy_.nat64);
        plan_.parts = rules_of(catalog_, policy_, places_);
        add_policy(catalog_, policy_, context_);
        add_entries(catalog_, entries_, places_, context_);
        if (context_.resolvers > 1) {
            auto collapsed = find_collapses(catalog_, entries_, places_);
            std::ranges::move(collapsed, std::back_inserter(context_.doubtful));
        }
        for (const auto& [system, refused] : last_good.refused)
            context_.refused_by_admin[system] = refused.added;
        auto candidates = candidates_of(catalog_, policy_, entries_, places_, last_good.snapshot);
        if (!listed)
            std::erase_if(candidates, [](const Candidate& each) { return each.hostname.empty(); });
        plan_.judgements = evaluate(candidates, context_);
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (candidates[i].hostname.empty())
                list(plan_.judgements[i]);
            else
                see(candidates[i], plan_.judgements[i]);
        seen_ = in_order(std::move(seen_));
    }

    static Scope scope_of(const Judgement& judgement) {
        return judgement.disposition == Disposition::shared ? Scope::shared : Scope::exclusive;
    }

    void list(const Judgement& judgement) {
        if (judgement.disposition == Disposition::refused) return;
        const auto system = places_.at(judgement.system);
        const auto scope = scope_of(judgement);
        std::vector<Range> own;
        for (const auto& prefix : judgement.left_out) own.push_back(to_range(prefix));
        for (const auto& prefix : without(judgement.prefix, merge(std::move(own)))) {
            plan_.parts.listings.push_back({prefix, system, scope});
            if (scope == Scope::exclusive) published_.push_back(to_range(prefix));
            listed_[judgement.system].push_back(prefix);
        }
        auto& allow = plan_.parts.allow;
        allow.insert(allow.end(), judgement.allow_first.begin(), judgement.allow_first.end());
    }

    void see(const Candidate& candidate, const Judgement& judgement) {
        if (judgement.disposition == Disposition::refused) return;
        const auto role = candidate.by_service_record ? Role::service
                          : candidate.shared_name     ? Role::shared
                                                      : Role::server;
        seen_.push_back({{candidate.system, candidate.hostname, role},
                         candidate.prefix.address,
                         scope_of(judgement),
                         false,
                         true});
    }

    /// Of the last good part what is still asked for; a system that the policy no longer enforces
    /// and a name that it no longer asks leave by decision, not by accident.
    [[nodiscard]] DnsPart remembered(const LastGood& last_good) const {
        DnsPart part;
        if (last_good.dns != nullptr)
            part = *last_good.dns;
        else if (last_good.snapshot != nullptr)
            part = not_listed(
                *last_good.snapshot, catalog_,
                [](const auto& system, const auto&) {
                    return std::vector<BookName>{{system, {}, Role::server}};
                },
                plan_.nat64);
        std::erase_if(part, [&](const DnsListing& each) {
            const auto& name = each.name;
            return !places_.contains(name.system) ||
                   (!name.hostname.empty() && !is_asked(name) &&
                    !is_asked({name.system, name.hostname, Role::server}) &&
                    !is_asked({name.system, name.hostname, Role::shared}));
        });
        return part;
    }

    /// Holds what DNS changed too much, and lists what is good then.
    void settle(const LastGood& last_good) {
        const auto spared = judge_again();
        NewNames fresh(last_good.asked, newest(), policy_.bounds.learning);
        AddressSets before;
        AddressSets after;
        AddressSets free;
        for (const auto& each : plan_.dns) {
            const auto& system = each.name.system;
            if (each.good) before[system];
            if (is_listed(system, each.address)) continue;
            if (each.good) before[system].push_back(each.address);
            if (each.seen) after[system].push_back(each.address);
            if (each.seen && fresh.has(each.name)) free[system].push_back(each.address);
        }
        for (auto* sets : {&before, &after, &free}) sort_unique(*sets);
        std::set<std::string> held;
        if (last_good.snapshot != nullptr)
            for (auto& change :
                 check_change(before, after, policy_.bounds, learning_systems(), free)) {
                if (last_good.approved.contains(change.system)) continue;
                const auto refused = last_good.refused.find(change.system);
                if (refused != last_good.refused.end())
                    change.refused_by = refused->second.by(change);
                held.insert(change.system);
                plan_.holds.push_back(std::move(change));
            }
        for (auto& each : plan_.dns) {
            const bool frozen = held.contains(each.name.system);
            each.good = frozen ? each.good || (each.seen && fresh.has(each.name)) : each.seen;
            if (each.good && (each.seen || !spared.contains({each.name.system, each.address})))
                plan_.parts.listings.push_back(
                    {host(each.address), places_.at(each.name.system), each.scope});
        }
        std::erase_if(plan_.dns, [](const DnsListing& each) { return !each.good && !each.seen; });
    }

    using Spared = std::set<std::pair<std::string, Address>>;

    /// What DNS gives no more is judged again, should it be held: what has become own since, or is
    /// to be left alone by a person's word, leaves the last good part. What turned out to be a
    /// sinkhole or protected stays in it but is returned: it is not to be hit.
    [[nodiscard]] Spared judge_again() {
        std::vector<Candidate> candidates;
        std::vector<DnsListing*> listings;
        for (auto& each : plan_.dns) {
            if (each.seen) continue;
            Candidate candidate;
            candidate.prefix = host(each.address);
            candidate.system = each.name.system;
            candidates.push_back(std::move(candidate));
            listings.push_back(&each);
        }
        const auto judgements = evaluate(candidates, context_);
        Spared spared;
        for (const auto& judgement : plan_.judgements)
            if (judgement.refusal == Refusal::sinkhole)
                spared.insert({judgement.system, judgement.prefix.address});
        for (std::size_t i = 0; i < judgements.size(); ++i) {
            if (judgements[i].refusal == Refusal::protected_host)
                spared.insert({candidates[i].system, candidates[i].prefix.address});
            else if (judgements[i].disposition == Disposition::refused)
                listings[i]->good = false;
            if (scope_of(judgements[i]) == Scope::shared) listings[i]->scope = Scope::shared;
        }
        return spared;
    }

    static void sort_unique(AddressSets& sets) {
        for (auto& [system, addresses] : sets) {
            std::sort(addresses.begin(), addresses.end());
            addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
        }
    }

    /// Whether a prefix of the system has it anyway, whatever DNS says.
    [[nodiscard]] bool is_listed(const std::string& system, const Address& address) {
        auto& prefixes = listed_[system];
        if (!merged_.contains(system)) {
            prefixes = merge(prefixes);
            merged_.insert(system);
        }
        return find_covering(prefixes.begin(), prefixes.end(), address,
                             [](const Prefix& prefix) { return prefix; }) != prefixes.end();
    }

    /// Inside what one system lists as its own another's address is not "shared", which would open
    /// it on the ports of neither.
    void leave_published_space() {
        const auto published = merge(std::move(published_));
        if (published.empty()) return;
        std::vector<Listing> listings;
        listings.reserve(plan_.parts.listings.size());
        for (const auto& listing : plan_.parts.listings)
            if (listing.scope == Scope::exclusive)
                listings.push_back(listing);
            else
                for (const auto& prefix : without(listing.prefix, published))
                    listings.push_back({prefix, listing.system, listing.scope});
        plan_.parts.listings = std::move(listings);
    }

    /// Of all sightings: as of then the book speaks.
    [[nodiscard]] Instant newest() const {
        Instant newest{};
        for (const auto* entry : entries_) newest = std::max(newest, entry->last_seen);
        return newest;
    }

    /// Systems whose first sighting is younger than the learning time, by the newest sighting of
    /// all: the union over rotating answers still grows by itself.
    [[nodiscard]] std::set<std::string> learning_systems() const {
        std::map<std::string, Instant> oldest;
        for (const auto* entry : entries_) {
            const auto place = oldest.emplace(entry->name.system, entry->first_seen).first;
            place->second = std::min(place->second, entry->first_seen);
        }
        const auto now = newest();
        std::set<std::string> young;
        for (const auto& [system, first] : oldest)
            if (now - first < policy_.bounds.learning) young.insert(system);
        return young;
    }

    const Catalog& catalog_;
    const Policy& policy_;
    GuardContext context_;
    std::vector<BookName> names_;
    EntryPointers entries_;
    SystemPlaces places_; // enforced systems only
    SnapshotPlan plan_;
    DnsPart seen_;                                      // what the guard would list of DNS
    std::vector<Range> published_;                      // exclusive, listed and not from DNS
    std::map<std::string, std::vector<Prefix>> listed_; // by system, also not from DNS
    std::set<std::string> merged_;                      // of listed_
};

} // namespace

std::string AdminRefusal::by(const Hold& hold) const {
    const bool known =
        std::all_of(hold.removed.begin(), hold.removed.end(),
                    [&](const Address& address) { return removed.contains(address); }) &&
        std::all_of(hold.added.begin(), hold.added.end(),
                    [&](const Address& address) { return added.contains(address); });
    if (!known) return {};
    return !hold.removed.empty() ? removed.at(hold.removed.front())
           : !hold.added.empty() ? added.at(hold.added.front())
                                 : std::string{};
}

std::vector<BookName> names_to_sweep(const Catalog& catalog, const Policy& policy) {
    std::vector<BookName> names;
    for (const auto& entry : catalog.systems) {
        if (!is_swept(policy, entry)) continue;
        append(names, entry.system.id, entry.hostnames, Role::server);
        const auto added = policy.additions.hostnames.find(entry.system.id);
        if (added != policy.additions.hostnames.end())
            append(names, entry.system.id, added->second, Role::server);
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

SnapshotParts SnapshotPlan::translated_parts() const {
    auto both = parts;
    if (untranslated.empty()) add_translations(both, nat64);
    return both;
}

std::vector<Judgement> SnapshotPlan::refused() const {
    std::vector<Judgement> found;
    std::copy_if(
        judgements.begin(), judgements.end(), std::back_inserter(found),
        [](const Judgement& judgement) { return judgement.disposition == Disposition::refused; });
    return found;
}

std::map<Refusal, std::size_t> SnapshotPlan::refused_by_reason() const {
    std::map<Refusal, std::size_t> counts;
    for (const auto& judgement : judgements)
        if (judgement.refusal != Refusal::none) ++counts[judgement.refusal];
    return counts;
}

Result<SnapshotPlan> assemble(const Catalog& catalog, const Policy& policy,
                              std::span<const BookEntry> entries, GuardContext context,
                              const LastGood& last_good) {
    if (policy.additions.empty())
        return Assembler(catalog, policy, entries, std::move(context)).assemble(last_good);
    const auto extended = extend(catalog, policy.additions);
    return Assembler(extended, policy, entries, std::move(context)).assemble(last_good);
}

DnsPart dns_part(const Catalog& catalog, const Policy& policy, std::span<const BookEntry> entries,
                 GuardContext context, const LastGood& last_good) {
    const auto extended = extend(catalog, policy.additions);
    return Assembler(extended, policy, entries, std::move(context)).dns_part(last_good);
}

DnsPart dns_part_of(const Snapshot& snapshot, const Catalog& catalog, const Policy& policy,
                    const NamesOfAddress& names) {
    return not_listed(snapshot, extend(catalog, policy.additions), names,
                      translation_prefixes(policy.nat64));
}

} // namespace sweepgate
