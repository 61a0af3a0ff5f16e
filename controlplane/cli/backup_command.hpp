// SPDX-License-Identifier: Apache-2.0
// `sweepgate backup` and `sweepgate restore`: a controller in one file, and back. On its own
// machine, as root or, for a backup, as the controller's user.
#pragma once

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// The two commands.
void add_backup(CLI::App& app, int& exit_status);

} // namespace sweepgate::cli
