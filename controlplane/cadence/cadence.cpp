// SPDX-License-Identifier: Apache-2.0
// Names in and out, and what is asked next. pace.cpp decides when.
#include "controlplane/cadence/cadence.hpp"

#include <algorithm>

namespace sweepgate {

namespace {

constexpr unsigned kProbes = 3;
constexpr auto kAgainAfterDrop = std::chrono::seconds(1);

} // namespace

Cadence::Cadence(CadenceOptions options)
    : options_(std::move(options)), budget_(options_.questions_per_second), random_(options_.seed) {
}

void Cadence::set_names(std::span<const Wanted> wanted, TimePoint now,
                        const std::function<bool(const std::string&)>& known) {
    for (auto& name : names_) name.wanted = false;
    for (const auto& want : wanted) {
        const auto [place, is_new] = places_.try_emplace(want.hostname, 0U);
        if (is_new) {
            if (free_names_.empty()) {
                free_names_.push_back(static_cast<std::uint32_t>(names_.size()));
                names_.emplace_back();
            }
            place->second = free_names_.back();
            free_names_.pop_back();
            names_[place->second].hostname = want.hostname;
        }
        names_[place->second].wanted = true;
        add_tasks(place->second, want, now, known && known(want.hostname));
    }
    remove_unwanted();
}

void Cadence::add_tasks(std::uint32_t name, const Wanted& wanted, TimePoint now, bool known) {
    const auto is_wanted = [&](RrType type) {
        if (type == RrType::srv) return wanted.services;
        return type == RrType::https ? wanted.https : wanted.addresses;
    };
    auto& held = names_[name].tasks;
    std::erase_if(held, [&](std::uint32_t task) {
        if (is_wanted(tasks_[task].type)) return false;
        retire(task);
        return true;
    });
    for (const auto type : {RrType::a, RrType::aaaa, RrType::https, RrType::srv}) {
        const auto has = [&](std::uint32_t task) { return tasks_[task].type == type; };
        if (!is_wanted(type) || std::any_of(held.begin(), held.end(), has)) continue;
        for (std::size_t vantage = 0; vantage < options_.vantages.size(); ++vantage) {
            const auto number = new_task();
            auto& task = tasks_[number];
            task.name = name;
            task.type = type;
            task.vantage = static_cast<std::uint8_t>(vantage);
            names_[name].tasks.push_back(number);
            std::uniform_int_distribution<std::int64_t> spread(0, options_.shortest.count());
            schedule(number, known ? now + std::chrono::milliseconds(spread(random_)) : now);
        }
    }
}

void Cadence::remove_unwanted() {
    for (std::uint32_t number = 0; number < names_.size(); ++number) {
        auto& name = names_[number];
        if (name.wanted || name.hostname.empty()) continue;
        for (const auto task : name.tasks) retire(task);
        places_.erase(name.hostname);
        name = {};
        free_names_.push_back(number);
    }
}

std::uint32_t Cadence::new_task() {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(tasks_.size()));
        tasks_.emplace_back();
    }
    const auto number = free_.back();
    free_.pop_back();
    const auto stamp = tasks_[number].stamp;
    tasks_[number] = Task{};
    tasks_[number].stamp = stamp + 1;
    tasks_[number].alive = true;
    ++alive_;
    return number;
}

void Cadence::retire(std::uint32_t number) {
    auto& task = tasks_[number];
    set_rate(task, 0, false);
    task.alive = false;
    ++task.stamp;
    --alive_;
    if (!task.in_flight) free_.push_back(number); // else when it has come back
}

void Cadence::schedule(std::uint32_t number, TimePoint due) {
    auto& task = tasks_[number];
    task.due = due;
    ++task.stamp;
    due_[is_failing(task) ? 1 : 0].push({due, number, task.stamp});
}

bool Cadence::is_void(const Entry& entry) const { return tasks_[entry.task].stamp != entry.stamp; }

void Cadence::bring_in_what_is_due(std::size_t lane, TimePoint now) {
    auto& waiting = due_[lane];
    while (!waiting.empty() && (is_void(waiting.top()) || waiting.top().when <= now)) {
        auto entry = waiting.top();
        waiting.pop();
        if (is_void(entry)) continue;
        const auto expected = std::clamp(double{tasks_[entry.task].expected_new}, 0.0, 1.0);
        entry.when -= std::chrono::duration_cast<TimePoint::duration>(options_.longest * expected);
        ready_[lane].push(entry);
    }
    while (!ready_[lane].empty() && is_void(ready_[lane].top())) ready_[lane].pop();
}

std::vector<Ask> Cadence::take(Lane which, std::size_t most, TimePoint now) {
    const auto lane = static_cast<std::size_t>(which);
    std::vector<Ask> asks;
    for (;;) {
        bring_in_what_is_due(lane, now);
        if (ready_[lane].empty() || asks.size() == most || !budget_.take(now)) return asks;
        const auto number = ready_[lane].top().task;
        ready_[lane].pop();
        auto& task = tasks_[number];
        ++task.stamp;
        task.in_flight = true;
        const auto server = server_for(task);
        asks.push_back({number,
                        task.vantage,
                        {names_[task.name].hostname, task.type, server, is_failing(task)}});
    }
}

std::optional<std::uint8_t> Cadence::server_for(Task& task) const {
    const auto& servers = options_.vantages[task.vantage];
    if (task.confirm > 0) {
        --task.confirm;
        const auto last = std::find(servers.begin(), servers.end(), task.server);
        const auto next = last == servers.end() ? last : last + 1;
        return next == servers.end() ? servers.front() : *next;
    }
    const auto turn = task.turn++;
    if (options_.vantages.size() == 1) return std::nullopt;
    return servers[(task.name + turn) % servers.size()];
}

void Cadence::dropped(const Ask& ask, TimePoint now) { give_back(ask, now + kAgainAfterDrop); }

void Cadence::delayed(const Ask& ask, TimePoint now) {
    tasks_[ask.task].slow = true;
    give_back(ask, now);
}

void Cadence::give_back(const Ask& ask, TimePoint due) {
    auto& task = tasks_[ask.task];
    task.in_flight = false;
    if (task.alive)
        schedule(ask.task, due);
    else
        free_.push_back(ask.task);
}

void Cadence::hurry(TimePoint now) {
    for (std::uint32_t number = 0; number < tasks_.size(); ++number)
        if (tasks_[number].alive && !tasks_[number].in_flight && tasks_[number].due > now)
            schedule(number, now);
}

void Cadence::probe(TimePoint now) {
    unsigned found = 0;
    for (std::size_t step = 0; step < tasks_.size() && found < kProbes; ++step) {
        probed_ = (probed_ + 1) % tasks_.size();
        const auto& task = tasks_[probed_];
        if (!task.alive || task.in_flight || !task.asked || is_failing(task)) continue;
        schedule(static_cast<std::uint32_t>(probed_), now);
        ++found;
    }
}

std::optional<Cadence::TimePoint> Cadence::next_due(Lane which, TimePoint now) {
    const auto lane = static_cast<std::size_t>(which);
    bring_in_what_is_due(lane, now);
    if (!ready_[lane].empty()) return budget_.next(now);
    if (due_[lane].empty()) return std::nullopt;
    return due_[lane].top().when;
}

Cadence::Tally Cadence::tally() const {
    Tally tally;
    tally.tasks = alive_;
    for (const auto& task : tasks_)
        if (task.alive && task.failures > 0) ++tally.failing;
    for (const auto& queue : ready_) tally.waiting += queue.size();
    tally.wanted_per_second = churning_per_second_ + stable_per_second_;
    tally.budget_per_second = budget_.per_second();
    tally.stretch = stretch();
    return tally;
}

} // namespace sweepgate
