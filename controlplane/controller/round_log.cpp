// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round_log.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace sweepgate::controller {

namespace {

constexpr std::chrono::seconds kShown{60};
constexpr std::chrono::seconds kAlarmAfter{15};

} // namespace

void RoundLog::add(const Round& round, Instant now) {
    ++number_;
    error_.clear();
    finished_at_ = now;
    if (began_ == Instant{}) began_ = now;
    if (minute_.empty() || minute_.back().time != now) minute_.push_back({now, 0, {}});
    minute_.back().questions += round.questions;
    for (const auto& [outcome, count] : round.outcomes) minute_.back().outcomes[outcome] += count;
    while (minute_.front().time + kShown < now) minute_.pop_front();
    note_silence(round, now);
}

void RoundLog::note_silence(const Round& round, Instant now) {
    if (round.conclusive > 0) {
        if (alarmed_) spdlog::info("resolvers answer again; the address book goes on");
        silent_from_ = {};
        alarmed_ = false;
    } else if (round.heard_nobody() && silent_from_ == Instant{}) {
        silent_from_ = now;
    } else if (round.heard_nobody() && !alarmed_ && now - silent_from_ >= kAlarmAfter) {
        alarmed_ = true;
        spdlog::error("no resolver answers: every address stays as it is until one does");
    }
}

RoundSummary RoundLog::summary(Instant now) const {
    RoundSummary summary{number_, finished_at_, 0, 0, {}, error_, {}};
    for (const auto& each : minute_) {
        if (each.time + kShown < now) continue;
        summary.questions += each.questions;
        for (const auto& [outcome, count] : each.outcomes) summary.outcomes[outcome] += count;
    }
    summary.seconds =
        static_cast<double>(std::min(kShown, std::chrono::seconds(now - began_)).count());
    if (number_ == 0) summary.seconds = 0;
    if (silent_from_ != Instant{} && now - silent_from_ >= kAlarmAfter)
        summary.silent_since = silent_from_;
    return summary;
}

} // namespace sweepgate::controller
