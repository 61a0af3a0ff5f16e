// SPDX-License-Identifier: Apache-2.0
// How the sweep goes, for `status`: the questions of the last minute, and whether anybody answers.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "controlplane/controller/round.hpp"

namespace sweepgate::controller {

struct RoundSummary {
    std::uint64_t number = 0; // times that answers were written to the book
    Instant finished_at{};
    double seconds = 0; // that the counts below stand for
    std::size_t questions = 0;
    std::map<std::string, std::size_t> outcomes;
    std::string error; // of the last round as a whole
    /// Since when no resolver has answered anything; the epoch: they do. The book stands still.
    Instant silent_since{};
};

class RoundLog {
public:
    void add(const Round& round, Instant now);
    /// Of the round just added, or of a sweep that ended early.
    void fail(const std::string& error) { error_ = error; }
    [[nodiscard]] RoundSummary summary(Instant now) const;

private:
    struct Counts {
        Instant time{};
        std::size_t questions = 0;
        std::map<std::string, std::size_t> outcomes;
    };
    void note_silence(const Round& round, Instant now);

    std::deque<Counts> minute_; // one a second at most
    std::uint64_t number_ = 0;
    Instant began_{};
    Instant finished_at_{};
    Instant silent_from_{};
    bool alarmed_ = false;
    std::string error_;
};

} // namespace sweepgate::controller
