// SPDX-License-Identifier: Apache-2.0
// The command line of `sweepgate sweep`.
#pragma once

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// Adds it to `app`; sets `exit_status` when it has run.
void add_sweep(CLI::App& app, int& exit_status);

} // namespace sweepgate::cli
