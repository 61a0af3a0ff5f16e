// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round.hpp"

#include <algorithm>

#include "controlplane/model/name.hpp"

namespace sweepgate::controller {

namespace {

NameOutcome to_name_outcome(Outcome outcome) {
    switch (outcome) {
    case Outcome::answered: return NameOutcome::answered;
    case Outcome::nodata: return NameOutcome::no_data;
    case Outcome::nxdomain: return NameOutcome::no_such_name;
    case Outcome::filtered: return NameOutcome::filtered;
    case Outcome::stale: return NameOutcome::stale;
    case Outcome::servfail: return NameOutcome::server_failure;
    case Outcome::bogus: return NameOutcome::bogus;
    case Outcome::refused: return NameOutcome::refused;
    case Outcome::timeout: return NameOutcome::timeout;
    case Outcome::malformed:
    case Outcome::other_rcode: return NameOutcome::malformed;
    }
    return NameOutcome::malformed;
}

Observation observation(const BookName& name, const Answer& answer, Instant now) {
    Observation seen;
    seen.name = name;
    seen.type = answer.question.type == RrType::a ? Family::ipv4 : Family::ipv6;
    seen.outcome = is_stale(answer) ? NameOutcome::stale : to_name_outcome(answer.outcome);
    seen.resolver = answer.resolver;
    seen.chain = answer.chain;
    if (!is_stale(answer)) seen.addresses = answer.addresses;
    seen.ttl = answer.ttl;
    seen.time = now;
    seen.authenticated = answer.authenticated;
    return seen;
}

constexpr std::size_t kMostForged = 256;

bool has_own_servers(const BookName& name) {
    return name.role == Role::server || name.role == Role::shared;
}

/// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
class Hash {
public:
    void add(std::span<const std::uint8_t> octets) {
        for (const auto octet : octets) value_ = (value_ ^ octet) * 1'099'511'628'211U;
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 14'695'981'039'346'656'037U;
};

} // namespace

std::vector<SrvOwner> srv_owners(const Catalog& catalog, const Policy& policy) {
    std::vector<SrvOwner> owners;
    for (const auto& system : catalog.systems)
        if (policy.enforces(system) || policy.treatment(system) == Treatment::sanction)
            for (const auto& name : system.srv) owners.push_back({system.system.id, name});
    return owners;
}

void Round::count(const Answer& answer) {
    const auto outcome = is_stale(answer) ? Outcome::stale : answer.outcome;
    ++questions;
    if (is_conclusive(outcome)) ++conclusive;
    ++outcomes[std::string(to_string(outcome))];
    for (const auto& address : answer.forged)
        if (forged.size() < kMostForged)
            forged.push_back({address, answer.resolver, false,
                              "what " + answer.resolver + " says it puts in the place of " +
                                  answer.question.name});
}

Agenda::Agenda(std::span<const BookName> names, std::span<const SrvOwner> owners, bool https)
    : https_(https) {
    for (const auto& name : names) reasons_[name.hostname].push_back(name);
    for (const auto& owner : owners) systems_[owner.name].insert(owner.system);
}

void Agenda::keep_targets(const Agenda& earlier) {
    for (const auto& [owner, targets] : earlier.targets_) {
        const auto systems = systems_.find(owner);
        if (systems == systems_.end()) continue;
        targets_[owner] = targets;
        for (const auto& target : targets)
            targeters_[target].insert(systems->second.begin(), systems->second.end());
    }
}

std::vector<Wanted> Agenda::wanted() const {
    std::map<std::string, Wanted> by_name;
    const auto want = [&](const std::string& hostname) -> Wanted& {
        auto& wanted = by_name[hostname];
        wanted.hostname = hostname;
        return wanted;
    };
    for (const auto& [hostname, names] : reasons_) {
        auto& wanted = want(hostname);
        wanted.addresses = true;
        wanted.https = https_ && std::any_of(names.begin(), names.end(), has_own_servers);
    }
    for (const auto& [target, systems] : targeters_) want(target).addresses = true;
    for (const auto& [owner, systems] : systems_) want(owner).services = true;
    std::vector<Wanted> list;
    for (auto& [hostname, wanted] : by_name) list.push_back(std::move(wanted));
    return list;
}

bool Agenda::set_targets(const Answer& answer) {
    const auto owner = systems_.find(answer.question.name);
    if (owner == systems_.end() || answer.outcome != Outcome::answered) return false;
    std::set<std::string> found;
    for (const auto& target : answer.targets)
        if (auto hostname = canonical_name(target.name); hostname && found.size() < kMostTargets)
            found.insert(std::move(*hostname));
    auto& held = targets_[owner->first];
    if (is_stale(answer)) // what it lacks may well be there
        for (auto each = held.begin(); each != held.end() && found.size() < kMostTargets; ++each)
            found.insert(*each);
    if (held == found) return false;
    held = std::move(found);
    targeters_.clear();
    for (const auto& [name, targets] : targets_)
        for (const auto& target : targets)
            targeters_[target].insert(systems_[name].begin(), systems_[name].end());
    return true;
}

std::vector<BookName> Agenda::reasons(const std::string& hostname) const {
    std::vector<BookName> found;
    if (const auto place = reasons_.find(hostname); place != reasons_.end()) found = place->second;
    if (const auto place = targeters_.find(hostname); place != targeters_.end())
        for (const auto& system : place->second) found.push_back({system, hostname, Role::service});
    return found;
}

void Agenda::observe(const Answer& answer, bool fresh, std::string_view vantage, Instant now,
                     Round& round) const {
    round.count(answer);
    if (answer.question.type == RrType::https) return observe_hints(answer, vantage, now, round);
    if (answer.question.type == RrType::srv) return;
    for (const auto& name : reasons(answer.question.name)) {
        auto seen = observation(name, answer, now);
        seen.fresh = fresh;
        seen.vantage = vantage;
        round.observations.push_back(seen);
        observe_addresses(answer, std::move(seen), round);
    }
}

void Agenda::observe_addresses(const Answer& answer, Observation seen, Round& round) const {
    if (is_stale(answer))
        seen.addresses = answer.addresses;
    else if (is_left_alone(seen.name.role))
        seen.addresses = answer.forged;
    else
        return;
    if (seen.outcome == NameOutcome::answered || seen.addresses.empty()) return;
    seen.outcome = NameOutcome::answered;
    seen.whole = false;
    round.observations.push_back(std::move(seen));
}

/// An HTTPS record without hints, or none at all, says nothing of the name's addresses.
void Agenda::observe_hints(const Answer& answer, std::string_view vantage, Instant now,
                           Round& round) const {
    for (const auto& name : reasons(answer.question.name)) {
        if (!has_own_servers(name)) continue;
        for (const auto family : {Family::ipv4, Family::ipv6}) {
            auto seen = observation(name, answer, now);
            seen.type = family;
            seen.source = Source::hint;
            seen.outcome = NameOutcome::answered;
            seen.whole = !is_stale(answer);
            seen.vantage = vantage;
            seen.addresses.clear();
            std::copy_if(answer.hints.begin(), answer.hints.end(),
                         std::back_inserter(seen.addresses),
                         [&](const Address& hint) { return hint.family == family; });
            if (!seen.addresses.empty()) round.observations.push_back(std::move(seen));
        }
    }
}

std::uint64_t identity_of(const Answer& answer) {
    Hash hash;
    const auto number = static_cast<std::uint8_t>(answer.outcome);
    hash.add({&number, 1});
    auto addresses = answer.addresses;
    addresses.insert(addresses.end(), answer.hints.begin(), answer.hints.end());
    std::sort(addresses.begin(), addresses.end());
    for (const auto& address : addresses) hash.add(to_bytes(address));
    auto targets = answer.targets;
    std::sort(targets.begin(), targets.end());
    for (const auto& target : targets)
        hash.add(
            {reinterpret_cast<const std::uint8_t*>(target.name.c_str()), target.name.size() + 1});
    return hash.value();
}

} // namespace sweepgate::controller
