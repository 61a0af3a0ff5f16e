// SPDX-License-Identifier: Apache-2.0
// From answers in any order to lines in the order of the names, and to the summary. What waits for
// its turn is all that is kept.
#pragma once

#include <array>
#include <functional>
#include <iosfwd>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "controlplane/cli/sweep/printer.hpp"
#include "controlplane/cli/sweep/request.hpp"

namespace sweepgate::cli {

/// How many questions ended how.
class OutcomeCounts {
public:
    explicit OutcomeCounts(bool strict) : strict_(strict) {}

    void add(Outcome outcome) { ++of_[static_cast<std::size_t>(outcome)]; }
    void remove(Outcome outcome) { --of_[static_cast<std::size_t>(outcome)]; }
    [[nodiscard]] std::size_t of(Outcome outcome) const {
        return of_[static_cast<std::size_t>(outcome)];
    }
    [[nodiscard]] std::size_t total() const;
    [[nodiscard]] std::size_t failed() const;
    /// "2 NOERROR, 1 TIMEOUT": those that occurred.
    [[nodiscard]] std::string text() const;
    /// kSweepAllAnswered, kSweepSomeFailed or kSweepNoServer.
    [[nodiscard]] int exit_code() const;

private:
    std::array<std::size_t, static_cast<std::size_t>(Outcome::other_rcode) + 1> of_{};
    bool strict_; // NXDOMAIN and NODATA are failures
};

class SweepReport {
public:
    /// `questions`: the first ones of the sweep, those for one name together; outlives the report.
    /// `make_room` is called before anything is printed.
    SweepReport(std::span<const Question> questions, SweepPrinter& printer, OutcomeCounts counts,
                std::ostream& out, std::function<void()> make_room);

    /// A slow name holds up at most so many others, then these are printed before it.
    static constexpr std::size_t kMostHeldUp = 2048;
    /// All others wait for a slow name, however many: what `--sorted` promises, and what it costs.
    void keep_order() { most_held_up_ = questions_.size(); }

    /// Prints every name that is complete and whose turn it is. False: not a question of ours.
    bool add(const Answer& answer);
    /// What was printed reaches its reader; a write for every name would cost more than the sweep.
    void flush();
    /// After a stop: prints what has answers and waited for a name before it.
    void finish();

    [[nodiscard]] const OutcomeCounts& counts() const { return counts_; }

private:
    using Heard = std::map<std::size_t, std::vector<Answer>>; // by its name's first question

    [[nodiscard]] std::size_t begin_of(std::size_t question) const;
    [[nodiscard]] std::size_t end_of(std::size_t question) const;
    [[nodiscard]] bool is_complete(const Heard::value_type& name) const;
    void print_those_due();
    Heard::iterator print(Heard::iterator name);
    void print(std::span<const Answer> answers);

    std::span<const Question> questions_;
    SweepPrinter& printer_;
    OutcomeCounts counts_;
    std::ostream& out_;
    std::function<void()> make_room_;
    std::size_t most_held_up_ = kMostHeldUp;
    Heard heard_;          // and not yet printed
    std::size_t next_ = 0; // first question of the first name not yet printed or passed over
    bool unflushed_ = false;
};

} // namespace sweepgate::cli
