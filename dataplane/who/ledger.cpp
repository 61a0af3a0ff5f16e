// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/ledger.hpp"

namespace sweepgate::who {

namespace {

constexpr std::size_t kMostWaiting = 1024;

} // namespace

Ledger::Ledger(const Options& options, SteadyClock::time_point now)
    : options_(options), talkers_{{{TalkersBy::client, options.counters, now},
                                   {TalkersBy::system, options.counters, now},
                                   {TalkersBy::port, options.counters, now},
                                   {TalkersBy::all, options.counters, now}}},
      first_seen_(options.remembered),
      limiter_(options.events_per_second, options.events_at_once, now) {}

void Ledger::note(const Hit& hit, SteadyClock::time_point now, std::uint64_t time_ms) {
    for (auto& talkers : talkers_) talkers.add(hit, now);
    if (!first_seen_.is_new(key_of(hit, TalkersBy::all), now)) return;
    if (events_.size() >= kMostWaiting || !limiter_.take(now)) {
        ++suppressed_;
        return;
    }
    events_.push_back(
        {time_ms, hit.client, names.id_of(hit.system), hit.protocol, hit.port, hit.port_class});
}

TopAnswer Ledger::top(const TopQuery& query, SteadyClock::time_point now) {
    auto& talkers = talkers_.at(static_cast<std::size_t>(query.by) - 1);
    const auto summary = talkers.over(std::min(query.minutes, kMostMinutes), now);
    TopAnswer answer;
    const auto& keys = summary.keys;
    answer.packets = keys.total();
    const auto most = std::min(query.most, kMostTalkers);
    auto rows = keys.top(most + 1);
    const auto lightest = rows.size() > most ? rows.back() : SpaceSaving<Key>::Counter{};
    answer.floor = std::max(keys.floor(), lightest.count) + summary.sampling.error(lightest.spread);
    rows.resize(std::min<std::size_t>(rows.size(), most));
    for (const auto& [key, count, bound, spread] : rows) {
        const auto error = bound + summary.sampling.error(spread);
        const bool has_system = query.by == TalkersBy::system || query.by == TalkersBy::all;
        answer.talkers.push_back({key.client, has_system ? names.id_of(key.system) : std::string(),
                                  key.protocol, key.port, count, error});
    }
    return answer;
}

HitEvents Ledger::take_events() {
    HitEvents taken;
    taken.suppressed = std::exchange(suppressed_, 0);
    const auto count = std::min(events_.size(), kMostEvents);
    const auto behind = events_.begin() + static_cast<std::ptrdiff_t>(count);
    taken.events.assign(std::make_move_iterator(events_.begin()), std::make_move_iterator(behind));
    events_.erase(events_.begin(), behind);
    return taken;
}

} // namespace sweepgate::who
