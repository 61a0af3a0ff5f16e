// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "controlplane/book/book.hpp"

namespace sweepgate {

namespace {

constexpr std::chrono::hours kHour{1};
constexpr std::chrono::seconds kHalfMinute{30};

/// Takes generations in order of their importance, as long as there is room.
class Keeper {
public:
    void take(const KeptGeneration& each, bool always = false) {
        if (kept_.contains(each.number)) return;
        if (!always && bytes_ + each.bytes > kKeptBytes) return;
        bytes_ += each.bytes;
        kept_.insert(each.number);
    }
    std::set<Generation> finish() { return std::move(kept_); }

private:
    std::set<Generation> kept_;
    std::size_t bytes_ = 0;
};

} // namespace

bool made_by_person(std::string_view cause) {
    constexpr std::array<std::string_view, 6> kByItself{"sweep",          "learnt",   "renewed",
                                                        "lists reloaded", "restored", "start"};
    return std::ranges::find(kByItself, cause) == kByItself.end();
}

std::set<Generation> kept_generations(const std::vector<KeptGeneration>& held, std::size_t most,
                                      Instant now) {
    Keeper keeper;
    for (std::size_t i = 0; i < std::min(most, held.size()); ++i) keeper.take(held[i], true);
    std::size_t people = 0;
    for (std::size_t i = 0; i < held.size() && people < kKeptByPeople; ++i) {
        if (!held[i].by_person) continue;
        ++people;
        keeper.take(held[i]);
        if (i + 1 < held.size()) keeper.take(held[i + 1]); // what it changed
    }
    const auto is_recent = [&](const KeptGeneration& each) { return each.time >= now - kHour; };
    const auto recent = std::ranges::count_if(held, is_recent);
    const bool all = static_cast<std::size_t>(recent) <= kKeptOfAnHour;
    Instant last = Instant::max();
    for (const auto& each : held) {
        if (!is_recent(each)) continue;
        const auto stretch = std::chrono::floor<std::chrono::seconds>(each.time);
        if (!all && last - stretch < kHalfMinute) continue;
        last = stretch;
        keeper.take(each);
    }
    return keeper.finish();
}

} // namespace sweepgate
