// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round.hpp"

#include <algorithm>
#include <set>

#include "resolver/name.hpp"

namespace sweepgate::controller {

namespace {

using Purposes = std::map<std::string, std::vector<BookName>, std::less<>>; // by hostname

NameOutcome to_name_outcome(const Answer& answer) {
    switch (answer.outcome) {
    case Outcome::answered: return NameOutcome::answered;
    case Outcome::nodata: return NameOutcome::no_data;
    case Outcome::nxdomain: return NameOutcome::no_such_name;
    case Outcome::servfail: return NameOutcome::server_failure;
    case Outcome::refused: return NameOutcome::refused;
    case Outcome::timeout: return NameOutcome::timeout;
    case Outcome::malformed:
    case Outcome::other_rcode: return NameOutcome::malformed;
    }
    return NameOutcome::malformed;
}

Observation observe(const BookName& name, const Answer& answer, Instant now) {
    return {name,
            answer.question.type == RrType::a ? Family::ipv4 : Family::ipv6,
            to_name_outcome(answer),
            answer.resolver,
            answer.chain,
            answer.addresses,
            answer.ttl,
            now};
}

void count(Round& round, const Answer& answer) {
    ++round.questions;
    ++round.outcomes[std::string(to_string(answer.outcome))];
}

Status sweep_addresses(Sweeper& sweeper, const Purposes& purposes, Instant now, Round& round,
                       const std::function<bool()>& stop_requested) {
    std::vector<Question> questions;
    for (const auto& [hostname, names] : purposes)
        for (const auto type : {RrType::a, RrType::aaaa}) questions.push_back({hostname, type});
    return sweeper.sweep(
        questions,
        [&](const Answer& answer) {
            count(round, answer);
            for (const auto& name : purposes.find(answer.question.name)->second)
                round.observations.push_back(observe(name, answer, now));
        },
        stop_requested);
}

/// The targets of all SRV owners that answered, as names of their systems.
Result<Purposes> sweep_services(Sweeper& sweeper, std::span<const SrvOwner> owners, Round& round,
                                const std::function<bool()>& stop_requested) {
    std::map<std::string, std::set<std::string>, std::less<>> systems; // by owner name
    std::vector<Question> questions;
    for (const auto& owner : owners) {
        if (systems[owner.name].empty()) questions.push_back({owner.name, RrType::srv});
        systems[owner.name].insert(owner.system);
    }
    Purposes targets;
    const auto keep = [&](const Answer& answer) {
        count(round, answer);
        for (const auto& target : answer.targets) {
            const auto hostname = canonical_name(target.name);
            if (!hostname) continue; // a target no client could look up either
            for (const auto& system : systems.find(answer.question.name)->second)
                targets[*hostname].push_back({system, *hostname, Role::service});
        }
    };
    if (auto ok = sweeper.sweep(questions, keep, stop_requested); !ok)
        return tl::unexpected(ok.error());
    return targets;
}

} // namespace

std::vector<SrvOwner> srv_owners(const Catalog& catalog, const Policy& policy) {
    std::vector<SrvOwner> owners;
    for (const auto& system : catalog.systems)
        if (policy.enforces(system) || policy.treatment(system) == Treatment::sanction)
            for (const auto& name : system.srv) owners.push_back({system.system.id, name});
    return owners;
}

Result<Round> sweep_round(Sweeper& sweeper, std::span<const BookName> names,
                          std::span<const SrvOwner> owners, Instant now,
                          const std::function<bool()>& stop_requested) {
    Round round;
    Purposes purposes;
    for (const auto& name : names) purposes[name.hostname].push_back(name);
    if (auto ok = sweep_addresses(sweeper, purposes, now, round, stop_requested); !ok)
        return tl::unexpected(ok.error());

    auto targets = sweep_services(sweeper, owners, round, stop_requested);
    if (!targets) return tl::unexpected(targets.error());
    for (auto& [hostname, found] : *targets) {
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
    }
    if (auto ok = sweep_addresses(sweeper, *targets, now, round, stop_requested); !ok)
        return tl::unexpected(ok.error());
    return round;
}

} // namespace sweepgate::controller
