// SPDX-License-Identifier: Apache-2.0
// `sweepgate sweep --watch`: the same questions again and again, until Ctrl-C.
#pragma once

#include <iosfwd>
#include <memory>

#include "controlplane/cli/sweep/command.hpp"
#include "controlplane/cli/sweep/request.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::cli {

/// A live view where `out` is a terminal and the format is text; else a line a change. Returns by
/// the last answers: kSweepAllAnswered, kSweepSomeFailed, or kSweepNoServer when none ever came.
/// Names that failed are asked through `slow`, beside the others. One that has just fallen silent
/// keeps others waiting for two timeouts at most, and only where one of them is due.
[[nodiscard]] int run_watch(const SweepCommand& command, const SweepRequest& request,
                            Sweeper& sweeper, std::unique_ptr<Sweeper> slow, std::ostream& out,
                            std::ostream& err, bool terminal);

} // namespace sweepgate::cli
