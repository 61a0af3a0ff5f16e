// SPDX-License-Identifier: Apache-2.0
// From an answer to the next due time.
#include <algorithm>

#include "controlplane/cadence/cadence.hpp"

namespace sweepgate {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kLongestTtl = 86'400; // s; longer ones are an hour's work of an attacker
constexpr double kNothingNew = 0.02;          // unseen addresses expected in the next answer
constexpr milliseconds kTellingWait{1'500};   // a TTL in whole seconds must have had time to fall
constexpr milliseconds kProbeWait{2'000};
constexpr int kConfirmSooner = 4;
constexpr double kBudgetUsed = 0.95;
constexpr double kLeastForStable = 0.1; // of the budget
constexpr float kPerMillisecond = 1000.0F;

template <typename Duration>
double in_milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

} // namespace

Cadence::Heard Cadence::heard(const Ask& ask, const Answer& answer, std::uint64_t identity,
                              TimePoint now) {
    auto& task = tasks_[ask.task];
    task.in_flight = task.slow = false;
    if (!task.alive) {
        free_.push_back(ask.task);
        return {};
    }
    Heard heard;
    if (is_conclusive(answer.outcome)) {
        heard.fresh = is_fresh(task, answer, identity, now);
        heard.changed = !task.asked || task.failures > 0 || task.identity != identity;
        on_answer(task, answer, identity, now);
    } else {
        heard.changed = task.failures == 0;
        if (task.failures < 255) ++task.failures;
    }
    plan(ask.task, now);
    return heard;
}

/// The second answer of one server within the TTL of the first tells what that server is.
bool Cadence::is_fresh(const Task& task, const Answer& answer, std::uint64_t identity,
                       TimePoint now) {
    const auto elapsed = now - task.heard_at;
    const auto server = answer.server.value_or(0);
    if (!task.asked || answer.authoritative || server != task.server) return true;
    if (elapsed >= seconds(task.ttl)) // a cache holds it until that second is over
        return identity != task.identity || answer.ttl > task.ttl ||
               elapsed >= seconds(task.ttl + 1);
    if (identity != task.identity) {
        evidence_.saw(server, false);
        return true;
    }
    if (elapsed < kTellingWait) return !evidence_.repeats_itself(server);
    const bool repeated = answer.ttl < task.ttl;
    evidence_.saw(server, repeated);
    return !repeated;
}

void Cadence::on_answer(Task& task, const Answer& answer, std::uint64_t identity, TimePoint now) {
    const bool is_same = task.asked && task.identity == identity;
    const bool counted = task.type == RrType::a || task.type == RrType::aaaa;
    // Of addresses the book knows whether they are new; learn() says so.
    if (!is_same && !counted)
        task.steady = 0;
    else if (task.steady < kStable)
        ++task.steady;
    if (!counted || is_same || !task.asked || answer.outcome != Outcome::answered)
        task.expected_new = 0;
    if (task.asked && !is_same) {
        task.differed = true;
        if (!counted) task.moved_at = now;
    }
    if (task.asked && now - task.heard_at < task.base) ++task.repeats;
    task.failures = 0;
    task.asked = true;
    task.identity = identity;
    task.server = answer.server.value_or(0);
    task.ttl = std::min(answer.ttl, kLongestTtl);
    task.cached = !answer.authoritative;
    task.heard_at = now;
    task.base = base_after(task, answer);
}

milliseconds Cadence::base_after(Task& task, const Answer& answer) const {
    // Few names have HTTPS records, and what has none today has none in a minute.
    if (task.type == RrType::https && answer.outcome != Outcome::answered)
        return std::max<milliseconds>(options_.longest, seconds(task.ttl));
    const milliseconds ttl = seconds(task.ttl);
    if (ttl >= options_.shortest) {
        task.early = task.short_ttl = false;
        return ttl;
    }
    if (task.cached && !task.early && !task.short_ttl) {
        task.early = true;
        return std::max(ttl, std::min(options_.shortest, options_.repeat));
    }
    task.short_ttl = task.short_ttl || task.early;
    task.early = false;
    return options_.shortest;
}

bool Cadence::may_repeat(Task& task, TimePoint now) const {
    if (task.confirm == 0 && double{task.expected_new} <= kNothingNew) return false;
    if (task.confirm == 0 && task.cached && evidence_.repeats_itself(task.server)) return false;
    if (now - task.repeats_since > options_.longest) {
        task.repeats_since = now;
        task.repeats = 0;
    }
    return task.repeats < options_.most_repeats;
}

void Cadence::plan(std::uint32_t number, TimePoint now) {
    auto& task = tasks_[number];
    if (task.failures > 0) {
        set_rate(task, 0, false);
        const auto doublings = std::min(task.failures - 1, 16);
        const auto wait =
            std::min(options_.first_backoff * (1 << doublings), options_.last_backoff);
        return schedule(number, now + jittered(wait, {}));
    }
    if (may_repeat(task, now)) {
        const auto wait = task.confirm > 0 ? options_.repeat / kConfirmSooner
                          : task.cached    ? std::max(options_.repeat, kProbeWait)
                                           : options_.repeat;
        if (wait < task.base)
            return schedule(number, std::max(now, task.heard_at + jittered(wait, {})));
    }
    const bool stable = is_stable(task, now);
    set_rate(task,
             kPerMillisecond / static_cast<float>(std::max<std::int64_t>(1, task.base.count())),
             stable);
    auto wait = task.base;
    if (stable) {
        const auto longest = std::max(task.base, options_.longest);
        const auto stretched = static_cast<double>(task.base.count()) * stretch();
        wait = milliseconds(
            static_cast<std::int64_t>(std::min(stretched, static_cast<double>(longest.count()))));
    }
    const milliseconds floor = task.cached ? milliseconds(seconds(task.ttl)) : milliseconds(0);
    schedule(number, std::max(now, task.heard_at + jittered(wait, floor)));
}

/// What has moved within the hour is likelier to move again than what never did, so that it does
/// not give way where the budget is short.
bool Cadence::is_stable(const Task& task, TimePoint now) const {
    return task.steady >= kStable && double{task.expected_new} <= kNothingNew &&
           (!task.moved_at || now - *task.moved_at >= options_.longest);
}

void Cadence::follow_move(std::uint32_t number, TimePoint now) {
    auto& task = tasks_[number];
    if (task.in_flight || !task.asked || is_failing(task)) return;
    const auto soonest = task.cached ? task.heard_at + seconds(task.ttl) : now;
    if (soonest < task.due) schedule(number, std::max(now, soonest));
}

void Cadence::learn(const std::string& hostname, RrType type, bool added, double expected_new,
                    TimePoint now) {
    const auto place = places_.find(hostname);
    if (place == places_.end()) return;
    const auto& numbers = names_[place->second].tasks;
    bool moved = false;
    for (const auto number : numbers) {
        auto& task = tasks_[number];
        if (task.type != type) continue;
        const bool was_over = double{task.expected_new} <= kNothingNew;
        task.expected_new = static_cast<float>(expected_new);
        if (added) {
            if (task.differed && task.steady >= kStable) task.moved_at = now;
            moved = moved || task.moved_at == now;
            task.steady = 0;
            task.confirm = static_cast<std::uint8_t>(options_.vantages[task.vantage].size() - 1);
        }
        const bool is_over = expected_new <= kNothingNew && !added;
        if (task.in_flight || !task.asked || is_failing(task) || (was_over && is_over)) continue;
        plan(number, now);
    }
    if (!moved) return;
    for (const auto number : numbers)
        if (tasks_[number].type != type) follow_move(number, now);
}

void Cadence::set_rate(Task& task, float rate, bool stable) {
    auto& held = task.in_stable ? stable_per_second_ : churning_per_second_;
    held = std::max(0.0, held - double{task.rate});
    task.rate = rate;
    task.in_stable = stable;
    (stable ? stable_per_second_ : churning_per_second_) += double{rate};
}

double Cadence::stretch() const {
    const auto budget = budget_.per_second() * kBudgetUsed;
    if (budget <= 0 || stable_per_second_ + churning_per_second_ <= budget) return 1;
    const auto left = std::max(budget - churning_per_second_, budget * kLeastForStable);
    return std::max(1.0, stable_per_second_ / left);
}

/// Within 10 % of `wait`, and not before `floor`: what would be is mirrored behind it.
milliseconds Cadence::jittered(milliseconds wait, milliseconds floor) {
    std::uniform_real_distribution<double> tenth(0.9, 1.1);
    const auto when = in_milliseconds(wait) * tenth(random_);
    const auto least = in_milliseconds(floor);
    return milliseconds(static_cast<std::int64_t>(when < least ? 2 * least - when : when));
}

} // namespace sweepgate
