// SPDX-License-Identifier: Apache-2.0
#include "resolver/lineup.hpp"

#include <bitset>
#include <limits>

namespace sweepgate::dns {

Lineup::Lineup(std::span<const Question> questions, Server server)
    : questions_(questions), server_(server) {
    find();
}

void Lineup::pop() {
    ++at_;
    find();
}

void Lineup::find() {
    const auto is_next = [this](const Question& question) {
        return question.server == server_ && question.last == among_last_;
    };
    while (at_ < questions_.size() && !is_next(questions_[at_])) ++at_;
    if (at_ < questions_.size() || among_last_) return;
    among_last_ = true;
    at_ = 0;
    find();
}

std::vector<Lineup> lineups(std::span<const Question> questions) {
    std::bitset<std::numeric_limits<std::uint8_t>::max() + 1> wanted;
    bool any = false;
    for (const auto& question : questions)
        if (question.server)
            wanted.set(*question.server);
        else
            any = true;
    std::vector<Lineup> lines;
    if (any) lines.emplace_back(questions, std::nullopt);
    for (std::size_t server = 0; server < wanted.size(); ++server)
        if (wanted[server]) lines.emplace_back(questions, static_cast<std::uint8_t>(server));
    return lines;
}

} // namespace sweepgate::dns
