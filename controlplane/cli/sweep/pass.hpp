// SPDX-License-Identifier: Apache-2.0
// One sweep over everything that was asked for, from the questions to the exit code.
#pragma once

#include <iosfwd>

#include "controlplane/cli/sweep/command.hpp"
#include "controlplane/cli/sweep/request.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::cli {

/// Names that the SRV records of a system point to are asked as well, after the others.
/// Returns one of the exit codes of a sweep.
[[nodiscard]] int run_pass(const SweepCommand& command, const SweepRequest& request,
                           Sweeper& sweeper, std::ostream& out, std::ostream& err,
                           Terminals terminals);

} // namespace sweepgate::cli
