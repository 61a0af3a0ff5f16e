// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/name_alarms.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

constexpr std::chrono::seconds kOthersTurn{10}; // all resolvers are asked at once
constexpr int kLong = 10;                       // times the patience: no use waiting for it

} // namespace

std::vector<Alarm> failing_systems(std::span<const NameState> names,
                                   std::span<const BookName> asked, Instant now) {
    std::set<std::pair<std::string, std::string>> wanted;
    for (const auto& name : asked) wanted.emplace(name.system, name.hostname);
    struct Tally {
        std::set<std::string> names;
        bool fails = true;
        std::string how;
    };
    std::map<std::string, Tally> systems;
    for (const auto& state : names) {
        const auto& system = state.name.system;
        if (system.empty() || state.last_asked == Instant{} ||
            !wanted.contains({system, state.name.hostname}))
            continue;
        auto& tally = systems[system];
        tally.names.insert(state.name.hostname);
        tally.fails = tally.fails && state.failures >= kFailingAfter;
        tally.how = to_string(state.last_outcome);
    }
    std::vector<Alarm> alarms;
    for (const auto& [system, tally] : systems) {
        if (!tally.fails) continue;
        const auto text =
            tally.names.size() == 1
                ? fmt::format("its only name fails ({}): {}", tally.how, *tally.names.begin())
                : fmt::format("all {} of its names fail ({}), as {}", tally.names.size(), tally.how,
                              *tally.names.begin());
        alarms.push_back({"names-failing", system, text, now});
    }
    return alarms;
}

std::vector<Alarm> quorum_waits(const SnapshotPlan& plan, std::chrono::seconds most, Instant now) {
    struct Pile {
        std::size_t count = 0;
        const Judgement* oldest = nullptr;
    };
    std::map<std::string, Pile> piles;
    for (const auto& judgement : plan.judgements) {
        if (judgement.refusal != Refusal::quorum || judgement.contested) continue;
        const bool endless = judgement.waits_for > kLong * most;
        const auto patience = endless ? std::min(most, kOthersTurn) : most;
        if (now - judgement.waits_since < patience) continue;
        auto& pile = piles[judgement.system];
        ++pile.count;
        if (pile.oldest == nullptr || judgement.waits_since < pile.oldest->waits_since)
            pile.oldest = &judgement;
    }
    std::vector<Alarm> alarms;
    for (const auto& [system, pile] : piles) {
        const auto& oldest = *pile.oldest;
        auto text =
            fmt::format("{} of {} has waited for a quorum since {:%Y-%m-%d %H:%M:%S} UTC: {}",
                        to_string(oldest.prefix), oldest.hostname,
                        fmt::gmtime(oldest.waits_since.time_since_epoch().count()), oldest.reason);
        if (pile.count > 1) text += fmt::format("; and {} more", pile.count - 1);
        alarms.push_back({"quorum-wait", system, std::move(text), now});
    }
    return alarms;
}

} // namespace sweepgate::controller
