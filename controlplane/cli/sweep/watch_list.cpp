// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/watch_list.hpp"

#include <algorithm>
#include <numeric>

#include "controlplane/cli/sweep/printer.hpp"

namespace sweepgate::cli {

namespace {

using Kind = WatchChange::Kind;

constexpr std::chrono::seconds kSoonest{1};
constexpr std::chrono::seconds kAfterFailure{5}; // RFC 9520 section 3.2 allows 1 s to 5 min

WatchChange change(Kind kind, const Answer& answer, std::vector<std::string> values) {
    return {kind, answer.question, answer.outcome, answer.outcome, answer.ttl, std::move(values)};
}

void make_room(std::vector<WatchedValue>& values) {
    if (values.size() < kMostWatchedValues) return;
    values.erase(std::ranges::max_element(values, {}, &WatchedValue::missing));
}

} // namespace

WatchList::WatchList(std::span<const Question> questions, std::chrono::seconds longest_wait,
                     WatchClock::time_point now)
    : longest_wait_(longest_wait), by_question_(questions.size()) {
    for (const auto& question : questions) {
        rows_.emplace_back();
        rows_.back().question = question;
        rows_.back().due = now;
    }
    std::iota(by_question_.begin(), by_question_.end(), std::size_t{0});
    std::ranges::sort(by_question_, {}, [this](std::size_t at) { return rows_[at].question; });
}

std::vector<Question> WatchList::start(WatchLane lane, WatchClock::time_point now) {
    std::vector<Question> found;
    for (auto& row : rows_) {
        if (row.under_way || row.lane != lane || row.due > now) continue;
        row.under_way = true;
        found.push_back(row.question);
    }
    return found;
}

WatchClock::time_point WatchList::next_due(WatchLane lane) const {
    auto first = WatchClock::time_point::max();
    for (const auto& row : rows_)
        if (!row.under_way && row.lane == lane) first = std::min(first, row.due);
    return first;
}

void WatchList::hand_over() {
    for (auto& row : rows_) {
        if (!row.under_way || row.lane != WatchLane::prompt) continue;
        row.under_way = false;
        row.lane = WatchLane::slow;
    }
}

std::vector<WatchChange> WatchList::take(const Answer& answer, WatchClock::time_point now) {
    const auto place = std::ranges::lower_bound(
        by_question_, answer.question, {}, [this](std::size_t at) { return rows_[at].question; });
    if (place == by_question_.end() || rows_[*place].question != answer.question) return {};
    auto& row = rows_[*place];
    auto changes = compare(row, answer, now);
    const auto wait =
        is_conclusive(answer.outcome) ? std::chrono::seconds(answer.ttl) : kAfterFailure;
    row.due = now + std::clamp(wait, kSoonest, std::max(longest_wait_, kSoonest));
    row.lane = is_conclusive(answer.outcome) ? WatchLane::prompt : WatchLane::slow;
    row.under_way = false;
    row.asked = true;
    row.outcome = answer.outcome;
    row.ttl = answer.ttl;
    return changes;
}

std::vector<WatchChange> WatchList::compare(Watched& row, const Answer& answer,
                                            WatchClock::time_point now) const {
    std::vector<WatchChange> changes;
    const auto values = values_of(answer);
    if (!row.asked)
        changes.push_back(change(Kind::first, answer, values));
    else if (row.outcome != answer.outcome) {
        changes.push_back(change(Kind::status, answer, {}));
        changes.back().before = row.outcome;
    }
    // A failure says nothing about what the name has.
    if (!is_conclusive(answer.outcome)) return changes;
    for (auto& known : row.values) ++known.missing;
    for (const auto& value : values) {
        const auto known = std::ranges::find(row.values, value, &WatchedValue::text);
        if (known != row.values.end()) {
            known->missing = 0;
            continue;
        }
        make_room(row.values);
        row.values.push_back({value, now, 0});
        if (row.asked) changes.push_back(change(Kind::appeared, answer, {value}));
    }
    std::erase_if(row.values, [&](const WatchedValue& known) {
        if (known.missing < kGoneAfter) return false;
        changes.push_back(change(Kind::gone, answer, {known.text}));
        return true;
    });
    return changes;
}

} // namespace sweepgate::cli
