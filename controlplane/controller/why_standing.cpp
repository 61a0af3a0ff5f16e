// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why_standing.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "controlplane/guard/plan_context.hpp"

namespace sweepgate::controller {

namespace {

bool has(const std::vector<Address>& addresses, const Address& address) {
    return std::ranges::find(addresses, address) != addresses.end();
}

const Hold* hold_on(const SnapshotPlan& plan, const Address& address) {
    for (const auto& hold : plan.holds)
        if (has(hold.added, address) || has(hold.removed, address)) return &hold;
    return nullptr;
}

const Judgement* first_of(const AddressStanding& standing, bool (*wanted)(const Judgement&)) {
    const auto found =
        std::ranges::find_if(standing.judgements, [&](const auto* each) { return wanted(*each); });
    return found == standing.judgements.end() ? nullptr : *found;
}

bool is_waiting(const Judgement& judgement) { return judgement.refusal == Refusal::quorum; }
bool is_refused(const Judgement& judgement) {
    return judgement.disposition == Disposition::refused;
}
bool is_accepted(const Judgement& judgement) { return !is_refused(judgement); }

/// " since 2026-11-30T19:31:01Z", when an alarm knows.
std::string since(const WhyFacts& facts, const std::string& kind, const std::string& system) {
    for (const auto& alarm : facts.alarms)
        if (alarm.kind == kind && alarm.system == system && alarm.since != Instant{})
            return fmt::format(" since {:%Y-%m-%dT%H:%M:%SZ}",
                               fmt::gmtime(alarm.since.time_since_epoch().count()));
    return {};
}

/// What a person can do about a hold.
std::string remedy(const Hold& hold) {
    if (!hold.refused_by.empty())
        return fmt::format("refused by {}; sweepgate approve {} takes that back", hold.refused_by,
                           hold.system);
    return fmt::format("sweepgate approve {} | refuse {}", hold.system, hold.system);
}

std::string exempted(const AddressStanding& standing) {
    std::string words;
    for (const auto* exception : standing.exceptions)
        words += (words.empty() ? "" : ", ") + to_text(*exception);
    return words;
}

std::string listed(const WhyFacts& facts, const AddressStanding& standing) {
    const auto& address_class = facts.snapshot->rules.classes[standing.entry->address_class];
    auto words = fmt::format("is listed by {} (generation {}), {}",
                             to_string(standing.entry->prefix), facts.snapshot->generation,
                             address_class.scope == Scope::shared
                                 ? "shared with others: on the system's ports only"
                                 : "exclusive: on every port");
    if (standing.hold != nullptr)
        words += fmt::format("; its going is held{}: {} {}; {}",
                             since(facts, "held", standing.hold->system), standing.hold->system,
                             standing.hold->reason, remedy(*standing.hold));
    return words;
}

std::string held(const WhyFacts& facts, const AddressStanding& standing) {
    const auto& hold = *standing.hold;
    return fmt::format("is held{}: {} {}; {}; until then it passes (generation {})",
                       since(facts, "held", hold.system), hold.system, hold.reason, remedy(hold),
                       facts.snapshot->generation);
}

std::string unlisted(const WhyFacts& facts, const AddressStanding& standing) {
    const auto generation = facts.snapshot->generation;
    const auto passes = [&](const char* yet) {
        return fmt::format("is not listed{} (generation {}): it passes", yet, generation);
    };
    std::string words;
    if (standing.standing == Standing::waiting) {
        const auto& judgement = *first_of(standing, is_waiting);
        words = fmt::format("{}; {} waits for more resolvers: {}", passes(" yet"), judgement.system,
                            judgement.reason);
    } else if (standing.standing == Standing::refused) {
        const auto& judgement = *first_of(standing, is_refused);
        words = fmt::format("{}; the guard refuses it for {}: {}", passes(""), judgement.system,
                            judgement.reason);
        if (judgement.refusal == Refusal::by_admin)
            words += fmt::format("; sweepgate approve {} takes that back", judgement.system);
    } else if (standing.standing == Standing::due) {
        words = fmt::format("{}; the next generation lists it for {}", passes(" yet"),
                            first_of(standing, is_accepted)->system);
    } else {
        words = passes("");
    }
    const auto never = exempted(standing);
    return never.empty() || standing.standing == Standing::refused
               ? words
               : words + "; never hit: " + never;
}

} // namespace

std::string_view to_string(Standing standing) {
    switch (standing) {
    case Standing::unpublished: return "unpublished";
    case Standing::allowed: return "allowed";
    case Standing::listed: return "listed";
    case Standing::held: return "held";
    case Standing::waiting: return "waiting";
    case Standing::refused: return "refused";
    case Standing::due: return "due";
    case Standing::unlisted: return "unlisted";
    }
    return "unknown";
}

std::string to_text(const Exception& exception) {
    switch (exception.because) {
    case Refusal::own_network: return "own network " + exception.what;
    case Refusal::never_block: return "never-block list: " + exception.what;
    case Refusal::in_use: return "in use here: " + exception.what;
    case Refusal::sanctioned: return "sanctioned: " + exception.what;
    case Refusal::protected_host: return "protected host " + exception.what;
    default: return exception.what;
    }
}

AddressStanding standing_of(const WhyFacts& facts, const Address& address) {
    AddressStanding found;
    if (facts.plan != nullptr) {
        found.hold = hold_on(*facts.plan, address);
        for (const auto& judgement : facts.plan->judgements)
            if (judgement.prefix.contains(address)) found.judgements.push_back(&judgement);
        for (const auto& exception : facts.plan->exceptions)
            if (exception.prefix.contains(address)) found.exceptions.push_back(&exception);
    }
    if (facts.snapshot == nullptr) return found;
    found.entry = find_entry(*facts.snapshot, address);
    const bool would_come = found.hold != nullptr && has(found.hold->added, address);
    if (is_allowed(*facts.snapshot, address))
        found.standing = Standing::allowed;
    else if (found.entry != nullptr)
        found.standing = Standing::listed;
    else if (would_come)
        found.standing = Standing::held;
    else if (!found.exceptions.empty() && first_of(found, is_refused) != nullptr)
        found.standing = Standing::refused;
    else if (first_of(found, is_waiting) != nullptr)
        found.standing = Standing::waiting;
    else if (first_of(found, is_refused) != nullptr)
        found.standing = Standing::refused;
    else if (first_of(found, is_accepted) != nullptr && found.exceptions.empty())
        found.standing = Standing::due;
    else
        found.standing = Standing::unlisted;
    return found;
}

std::string sentence_of(const WhyFacts& facts, const Address& address,
                        const AddressStanding& standing) {
    const auto subject = to_string(address);
    switch (standing.standing) {
    case Standing::unpublished: return subject + ": nothing has been published yet";
    case Standing::allowed: {
        const auto why = exempted(standing);
        return fmt::format("{} is allowed before everything else (generation {}){}", subject,
                           facts.snapshot->generation, why.empty() ? "" : ": " + why);
    }
    case Standing::listed: return subject + " " + listed(facts, standing);
    case Standing::held: return subject + " " + held(facts, standing);
    default: return subject + " " + unlisted(facts, standing);
    }
}

std::string_view effect_of(const WhyFacts& facts, const AddressStanding& standing,
                           const Judgement& judgement) {
    if (is_refused(judgement)) return "not enforced";
    if (standing.standing == Standing::allowed) return "allowed first, so it passes";
    const bool in_force = standing.entry != nullptr && facts.snapshot != nullptr &&
                          holds_system(facts.snapshot->rules,
                                       facts.snapshot->rules.classes[standing.entry->address_class],
                                       judgement.system);
    if (in_force) return "in force";
    const bool is_held = standing.hold != nullptr && standing.hold->system == judgement.system;
    return is_held ? "held, not in force" : "not yet in force";
}

} // namespace sweepgate::controller
