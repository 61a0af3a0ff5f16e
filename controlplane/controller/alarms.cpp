// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/alarms.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::chrono::minutes kPatience{5};  // with a quorum
constexpr std::chrono::seconds kNewcomer{10}; // the other resolvers are just being asked

/// A quorum that is waited for is no fault, unless the wait has no end in sight.
bool is_waited_for(const Judgement& judgement, Instant now) {
    if (judgement.refusal != Refusal::quorum || judgement.contested) return false;
    const auto waited = now - judgement.waits_since;
    return waited < kPatience && (judgement.waits_for <= kPatience || waited < kNewcomer);
}

struct Pile {
    std::size_t count = 0;
    const Judgement* first = nullptr;
};

void add_refusals(const SnapshotPlan& plan, Instant now, std::vector<Alarm>& alarms) {
    std::map<std::pair<std::string, Refusal>, Pile> piles;
    for (const auto& judgement : plan.judgements) {
        if (judgement.refusal == Refusal::none || judgement.refusal == Refusal::by_admin ||
            is_waited_for(judgement, now))
            continue;
        auto& pile = piles[{judgement.system, judgement.refusal}];
        if (pile.count++ == 0) pile.first = &judgement;
    }
    for (const auto& [key, pile] : piles) {
        auto text = to_string(pile.first->prefix);
        if (!pile.first->hostname.empty()) text += " of " + pile.first->hostname;
        text += " is not enforced: " + pile.first->reason;
        if (pile.count > 1) text += fmt::format("; and {} more", pile.count - 1);
        alarms.push_back({std::string(to_string(key.second)), key.first, std::move(text), now});
    }
}

bool same(const Alarm& a, const Alarm& b) { return a.kind == b.kind && a.system == b.system; }

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
    for (const auto& each : parity) alarms.push_back({"no-ipv6", each.system, each.words, now});
    if (!sinkholes.empty()) {
        auto text = to_string(sinkholes.front().address) + " is " + sinkholes.front().words;
        if (sinkholes.size() > 1) text += fmt::format("; and {} more", sinkholes.size() - 1);
        alarms.push_back({"sinkhole", "", std::move(text), now});
    }
    std::sort(alarms.begin(), alarms.end(), [](const Alarm& a, const Alarm& b) {
        return std::tie(a.system, a.kind) < std::tie(b.system, b.kind);
    });
    return alarms;
}

void AlarmLog::update(std::vector<Alarm> standing) {
    for (auto& alarm : standing) {
        const auto before = std::find_if(standing_.begin(), standing_.end(),
                                         [&](const Alarm& other) { return same(alarm, other); });
        if (before != standing_.end()) {
            alarm.since = before->since;
            continue;
        }
        spdlog::warn("alarm: {} {}: {}", alarm.system.empty() ? "all" : alarm.system, alarm.kind,
                     printable(alarm.text));
        raised_.push_front(alarm);
    }
    if (raised_.size() > kKeptAlarms) raised_.resize(kKeptAlarms);
    standing_ = std::move(standing);
}

std::vector<Alarm> AlarmLog::newest(std::size_t most) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, raised_.size()));
    return {raised_.begin(), raised_.begin() + count};
}

} // namespace sweepgate::controller
