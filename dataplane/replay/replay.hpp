// SPDX-License-Identifier: Apache-2.0
// Yesterday's traffic against tomorrow's policy: a capture judged record by record, as the gate
// would have judged it; rates are kept by the capture's times.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "dataplane/filter/judge.hpp"
#include "dataplane/replay/capture.hpp"
#include "dataplane/replay/hits.hpp"

namespace sweepgate::replay {

struct Order {
    std::filesystem::path capture;
    std::filesystem::path passed;  // records that pass; empty: not written
    std::filesystem::path dropped; // records that do not; empty: not written
    filter::MalformedFate malformed = filter::MalformedFate::drop;
    std::vector<std::filesystem::path> inputs{}; // further files that no output may overwrite
};

struct Outcome {
    Tally all;
    std::array<Tally, filter::kVerdicts> verdicts{}; // of what was judged
    Hits hits;
    Kinds not_ip;                  // of what passed because it is not IP
    Kinds not_judged;              // and why
    std::uint64_t cut_short = 0;   // records that hold less than their frame
    std::uint64_t oversized = 0;   // and more than the snapshot length of their interface
    std::uint64_t unsegmented = 0; // without their length yet; judged to the end of the frame
    std::optional<Error> fault;    // what ended it before the capture's end
};

/// Both files hold their records in the capture's order, with its bytes and times, and everything
/// else that stands in the capture; what was not judged is in neither. The outcome is of what was
/// judged before a fault; that nothing could be judged is one.
/// Errors: what keeps it from starting, naming the file: no capture, an output that cannot be
/// written, or one that is another's file.
[[nodiscard]] Result<Outcome> replay(const filter::Tables& tables, const Order& order);
/// The same with each record judged by the schedules in force at its own time, in this machine's
/// time zone. Errors: also bad_input for a snapshot that does not compile.
[[nodiscard]] Result<Outcome> replay(const Snapshot& snapshot, const Order& order);

} // namespace sweepgate::replay
