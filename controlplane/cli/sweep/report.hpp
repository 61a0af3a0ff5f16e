// SPDX-License-Identifier: Apache-2.0
// From answers in any order to lines in the order of the names, and to the summary.
#pragma once

#include <array>
#include <functional>
#include <iosfwd>
#include <span>
#include <string_view>
#include <unordered_map>
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
    /// `names` outlives the report. `make_room` is called before anything is printed.
    SweepReport(std::span<const AskedName> names, SweepPrinter& printer, OutcomeCounts counts,
                std::ostream& out, std::function<void()> make_room);

    /// Prints every name that is complete and whose turn it is. False: not a question of ours.
    bool add(const Answer& answer);
    /// What was printed reaches its reader; a write for every name would cost more than the sweep.
    void flush();
    /// After a stop: prints what has answers and waited for a name before it.
    void finish();

    [[nodiscard]] const OutcomeCounts& counts() const { return counts_; }

private:
    void print(std::size_t place);

    std::span<const AskedName> names_;
    SweepPrinter& printer_;
    OutcomeCounts counts_;
    std::ostream& out_;
    std::function<void()> make_room_;
    std::vector<std::vector<Answer>> answers_; // by the name's place
    std::unordered_map<std::string_view, std::size_t> places_;
    std::size_t next_ = 0; // first name not yet printed
    bool unflushed_ = false;
};

} // namespace sweepgate::cli
