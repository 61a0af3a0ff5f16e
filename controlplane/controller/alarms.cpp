// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/alarms.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace sweepgate::controller {

namespace {

struct Pile {
    std::size_t count = 0;
    const Judgement* first = nullptr;
};

/// A quorum that is waited for is no fault; one that is waited for too long is quorum_waits()'s.
bool is_waited_for(const Judgement& judgement) {
    return judgement.refusal == Refusal::quorum && !judgement.contested;
}

void add_refusals(const SnapshotPlan& plan, Instant now, std::vector<Alarm>& alarms) {
    std::map<std::pair<std::string, Refusal>, Pile> piles;
    for (const auto& judgement : plan.judgements) {
        if (judgement.refusal == Refusal::none || judgement.refusal == Refusal::by_admin ||
            is_waited_for(judgement))
            continue;
        auto& pile = piles[{judgement.system, judgement.refusal}];
        if (pile.count++ == 0) pile.first = &judgement;
    }
    for (const auto& [key, pile] : piles) {
        auto text = to_string(pile.first->prefix);
        if (!pile.first->hostname.empty()) text += " of " + pile.first->hostname;
        text += " is not enforced: " + pile.first->reason;
        if (pile.count > 1) text += fmt::format("; and {} more", pile.count - 1);
        // What the guard leaves alone as it is told to is no fault.
        const auto severity = key.second == Refusal::quorum ? Severity::degraded : Severity::info;
        alarms.push_back(
            {std::string(to_string(key.second)), key.first, std::move(text), now, severity});
    }
}

} // namespace

std::vector<Alarm> alarms_of(const SnapshotPlan& plan, std::span<const ParityAlarm> parity,
                             std::span<const Sinkhole> sinkholes, Instant now) {
    std::vector<Alarm> alarms;
    add_refusals(plan, now, alarms);
    for (const auto& hold : plan.holds)
        if (hold.refused_by.empty())
            alarms.push_back({"held", hold.system,
                              hold.reason + "; 'sweepgate plan' shows what, 'sweepgate approve' or "
                                            "'refuse' decides",
                              now});
    if (!plan.untranslated.empty()) alarms.push_back({"nat64", "", plan.untranslated, now});
    for (const auto& each : parity)
        alarms.push_back({"no-ipv6", each.system, each.words, now, Severity::info});
    if (!sinkholes.empty()) {
        auto text = to_string(sinkholes.front().address) + " is " + sinkholes.front().words;
        if (sinkholes.size() > 1) text += fmt::format("; and {} more", sinkholes.size() - 1);
        alarms.push_back({"sinkhole", "", std::move(text), now, Severity::info});
    }
    std::sort(alarms.begin(), alarms.end(), [](const Alarm& a, const Alarm& b) {
        return std::tie(a.system, a.kind) < std::tie(b.system, b.kind);
    });
    return alarms;
}

std::string_view to_string(Severity severity) {
    switch (severity) {
    case Severity::info: return "info";
    case Severity::degraded: return "degraded";
    case Severity::broken: return "broken";
    }
    return "unknown";
}

std::string line_of(const Alarm& alarm) {
    auto subject = alarm.gate.empty() ? alarm.system : alarm.gate;
    return subject.empty() ? alarm.text : subject + ": " + alarm.text;
}

Health health_of(std::span<const Alarm> standing) {
    Health health;
    for (const auto severity : {Severity::broken, Severity::degraded})
        for (const auto& alarm : standing) {
            if (alarm.severity != severity) continue;
            health.verdict = std::max(health.verdict, severity);
            health.faults.push_back(line_of(alarm));
        }
    return health;
}

} // namespace sweepgate::controller
