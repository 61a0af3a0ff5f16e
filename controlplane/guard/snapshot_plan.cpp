// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/snapshot_plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "controlplane/guard/collapse.hpp"
#include "controlplane/guard/plan_context.hpp"

namespace sweepgate {

namespace {

void append(std::vector<BookName>& names, const std::string& system,
            const std::vector<std::string>& hostnames, Role role) {
    for (const auto& hostname : hostnames) names.push_back({system, hostname, role});
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
        plan_.parts = rules_of(catalog_, policy_, places_);
        add_policy(catalog_, policy_, context_);
        add_entries(catalog_, entries_, places_, context_);
        if (context_.resolvers > 1) {
            auto collapsed = find_collapses(catalog_, entries_, places_);
            std::ranges::move(collapsed, std::back_inserter(context_.doubtful));
        }
        for (const auto& [system, refused] : last_good.refused)
            context_.refused_by_admin[system] = refused.added;
        plan_.judgements = evaluate(
            candidates_of(catalog_, policy_, entries_, places_, last_good.snapshot), context_);
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

    void list(const Judgement& judgement) {
        if (judgement.disposition == Disposition::refused) return;
        const auto scope =
            judgement.disposition == Disposition::shared ? Scope::shared : Scope::exclusive;
        plan_.parts.listings.push_back({judgement.prefix, places_.at(judgement.system), scope});
        auto& allow = plan_.parts.allow;
        allow.insert(allow.end(), judgement.allow_first.begin(), judgement.allow_first.end());
    }

    void hold(const LastGood& last_good) {
        auto before = address_sets(*last_good.snapshot, catalog_);
        // A system that the policy no longer enforces leaves by decision, not by accident.
        std::erase_if(before, [&](const auto& set) { return !places_.contains(set.first); });
        for (auto& change : check_change(before, address_sets(plan_.parts, catalog_),
                                         policy_.bounds, learning_systems())) {
            if (last_good.approved.contains(change.system)) continue;
            restore(*last_good.snapshot, change.system);
            const auto refused = last_good.refused.find(change.system);
            if (refused != last_good.refused.end()) change.refused_by = refused->second.by(change);
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

    /// What turned out to be one since is no part of a last good set.
    [[nodiscard]] std::set<Prefix> sinkholes_of(const std::string& system) const {
        std::set<Prefix> found;
        for (const auto& judgement : plan_.judgements)
            if (judgement.refusal == Refusal::sinkhole && judgement.system == system)
                found.insert(judgement.prefix);
        return found;
    }

    /// The listings of one system as they were published, judged again: what has become own or
    /// protected since is not enforced.
    void restore(const Snapshot& snapshot, const std::string& system) {
        const auto index = places_.at(system);
        const auto sinkholes = sinkholes_of(system);
        std::erase_if(plan_.parts.listings,
                      [&](const Listing& listing) { return listing.system == index; });
        std::vector<Candidate> candidates;
        std::vector<Scope> scopes;
        for (const auto& entry : snapshot.entries) {
            const auto& address_class = snapshot.rules.classes[entry.address_class];
            if (!holds_system(snapshot.rules, address_class, system) ||
                sinkholes.contains(entry.prefix))
                continue;
            Candidate candidate;
            candidate.prefix = entry.prefix;
            candidate.system = system;
            candidates.push_back(std::move(candidate));
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
    EntryPointers entries_;
    SystemPlaces places_; // enforced systems only
    SnapshotPlan plan_;
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

} // namespace sweepgate
