// SPDX-License-Identifier: Apache-2.0
// Simulated time and answers for a cadence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/cadence/cadence.hpp"

namespace sweepgate::cadencetest {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline std::vector<Wanted> wanted(const std::vector<std::string>& names) {
    std::vector<Wanted> list;
    for (const auto& name : names) list.push_back({name, true, false, false});
    return list;
}

inline Answer answer_to(const Ask& ask, std::uint32_t ttl, Outcome outcome = Outcome::answered) {
    Answer answer;
    answer.question = ask.question;
    answer.outcome = outcome;
    answer.ttl = ttl;
    answer.server = ask.question.server.value_or(0);
    return answer;
}

class World {
public:
    explicit World(const CadenceOptions& options = {}) : cadence(options) {}

    [[nodiscard]] std::vector<Ask> take(std::size_t most = 1'000'000) {
        auto asks = cadence.take(Cadence::Lane::healthy, most, now);
        auto failing = cadence.take(Cadence::Lane::failing, most - asks.size(), now);
        asks.insert(asks.end(), failing.begin(), failing.end());
        return asks;
    }
    [[nodiscard]] std::optional<Cadence::TimePoint> next() {
        const auto healthy = cadence.next_due(Cadence::Lane::healthy, now);
        const auto failing = cadence.next_due(Cadence::Lane::failing, now);
        if (!healthy || !failing) return healthy ? healthy : failing;
        return std::min(*healthy, *failing);
    }
    /// Goes on to when something is due; returns how long that took.
    milliseconds wait() {
        const auto start = now;
        now = std::max(now, next().value());
        return std::chrono::duration_cast<milliseconds>(now - start);
    }

    Cadence cadence;
    Cadence::TimePoint now{std::chrono::hours(1)};
};

} // namespace sweepgate::cadencetest
