// SPDX-License-Identifier: Apache-2.0
// The subcommands that ask the controller; commands/ has a file for each group of them.
#pragma once

#include "controlplane/cli/connection.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// Adds them to `app`. The one that is chosen sets `exit_status` when it has run.
void add_controller_commands(CLI::App& app, Connection& connection, int& exit_status);

} // namespace sweepgate::cli
