// SPDX-License-Identifier: Apache-2.0
// The subcommands that need no controller: sweep, doctor, keys, backup, restore.
#pragma once

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// Adds them to `app`. The one that is chosen sets `exit_status` when it has run.
void add_local_commands(CLI::App& app, int& exit_status);

} // namespace sweepgate::cli
