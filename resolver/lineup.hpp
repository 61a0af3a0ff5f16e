// SPDX-License-Identifier: Apache-2.0
// The questions of a sweep that have not been sent, in the order in which they will be: per
// server they are meant for (or for any), first the ordinary ones, then those marked `last`.
// A line is a place among the caller's questions and no list, so a question that waits costs
// nothing, and one for a server that may not be asked now holds up no other line.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::dns {

class Lineup {
public:
    using Server = std::optional<std::uint8_t>;

    /// Of the questions for `server`.
    Lineup(std::span<const Question> questions, Server server);

    [[nodiscard]] Server server() const { return server_; }
    [[nodiscard]] bool empty() const { return at_ == questions_.size(); }
    /// The place of the next question; not when empty().
    [[nodiscard]] std::size_t front() const { return at_; }
    void pop();

private:
    void find();

    std::span<const Question> questions_;
    Server server_;
    std::size_t at_ = 0;
    bool among_last_ = false;
};

/// One line for each server that at least one question is for, and one for those for any.
[[nodiscard]] std::vector<Lineup> lineups(std::span<const Question> questions);

} // namespace sweepgate::dns
