// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "resolver/sweep.hpp"

namespace sweepgate::test {

using Clock = std::chrono::steady_clock;

struct Swept {
    std::map<Question, Answer> answers;
    std::map<std::string, unsigned> outcomes;
    unsigned repeated = 0; // answers to a question that had one
    SweepTally tally;
    Clock::duration took{};
    std::string fault; // "" when the sweep ended by itself

    [[nodiscard]] unsigned count(const std::string& status) const {
        const auto found = outcomes.find(status);
        return found == outcomes.end() ? 0 : found->second;
    }
    [[nodiscard]] std::string outcome(const std::string& name, RrType type = RrType::a) const {
        const auto found = answers.find({name, type});
        return found == answers.end() ? "none" : std::string(to_string(found->second.outcome));
    }
};

inline std::vector<Question> questions(const std::vector<std::string>& names) {
    std::vector<Question> asked;
    for (const auto& name : names) asked.push_back({name, RrType::a});
    return asked;
}

inline std::vector<Question> numbered(const std::string& label, unsigned count) {
    std::vector<Question> asked;
    for (unsigned i = 0; i < count; ++i)
        asked.push_back({label + "-" + std::to_string(i) + ".test", RrType::a});
    return asked;
}

inline Swept sweep(Sweeper& sweeper, const std::vector<Question>& asked) {
    Swept swept;
    const auto began = Clock::now();
    const auto status = sweeper.sweep(asked, [&](const Answer& answer) {
        ++swept.outcomes[std::string(to_string(answer.outcome))];
        if (!swept.answers.emplace(answer.question, answer).second) ++swept.repeated;
    });
    swept.took = Clock::now() - began;
    swept.tally = sweeper.tally();
    if (!status) swept.fault = status.error().what;
    return swept;
}

inline SweepOptions lab_options(const std::vector<std::string>& servers) {
    using std::chrono::milliseconds;
    SweepOptions options;
    options.servers = servers;
    options.timeouts = {milliseconds(100), milliseconds(200), milliseconds(400)};
    options.tcp_timeout = milliseconds(1000);
    return options;
}

} // namespace sweepgate::test
