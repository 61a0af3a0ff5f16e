// SPDX-License-Identifier: Apache-2.0
// What a watch knows of each question: its last answer, every value seen so far, when it is asked
// again. Pure: time comes from outside.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "resolver/answer.hpp"

namespace sweepgate::cli {

using WatchClock = std::chrono::steady_clock;

/// What failed the last time, or keeps others waiting, is asked apart from the rest.
enum class WatchLane : std::uint8_t { prompt, slow };

struct WatchedValue {
    std::string text;
    WatchClock::time_point first_seen;
    unsigned missing = 0; // answers in a row without it
};

struct Watched {
    Question question;
    bool asked = false;
    Outcome outcome = Outcome::timeout; // of the last answer
    std::uint32_t ttl = 0;
    std::vector<WatchedValue> values; // in the order of their first sighting
    WatchClock::time_point due;       // when it is asked next
    WatchLane lane = WatchLane::prompt;
    bool under_way = false;
};

struct WatchChange {
    enum class Kind : std::uint8_t {
        first,    // the question's first answer, with its values
        appeared, // a value that was not there before
        gone,     // not in kGoneAfter answers in a row: one that rotates is not gone at once
        status,   // another outcome than before
    };
    Kind kind = Kind::first;
    Question question;
    Outcome outcome = Outcome::timeout;
    Outcome before = Outcome::timeout; // status only
    std::uint32_t ttl = 0;
    std::vector<std::string> values; // one where something appeared or went
};

inline constexpr unsigned kGoneAfter = 3;
inline constexpr std::size_t kMostWatchedValues = 1024; // a question; what was missed longest goes

class WatchList {
public:
    WatchList(std::span<const Question> questions, std::chrono::seconds longest_wait,
              WatchClock::time_point now);

    /// A question is due when its TTL has passed, after a second at the earliest and the longest
    /// wait at the latest; after a failure in 5 s or that. What is returned is under way until it
    /// is taken or handed over.
    [[nodiscard]] std::vector<Question> start(WatchLane lane, WatchClock::time_point now);
    /// Of what is not under way.
    [[nodiscard]] WatchClock::time_point next_due(WatchLane lane) const;
    /// What is under way in the prompt lane has not been answered: due in the slow one.
    void hand_over();
    /// Changes in the order in which they should be told. An answer to no question of ours: none.
    std::vector<WatchChange> take(const Answer& answer, WatchClock::time_point now);

    [[nodiscard]] std::span<const Watched> rows() const { return rows_; }

private:
    std::vector<WatchChange> compare(Watched& row, const Answer& answer,
                                     WatchClock::time_point now) const;

    std::chrono::seconds longest_wait_;
    std::vector<Watched> rows_;            // in the order given
    std::vector<std::size_t> by_question_; // places of rows_, sorted by question
};

} // namespace sweepgate::cli
