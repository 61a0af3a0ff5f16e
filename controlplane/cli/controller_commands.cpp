// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/controller_commands.hpp"

#include "controlplane/cli/commands/registry.hpp"

namespace sweepgate::cli {

void add_controller_commands(CLI::App& app, Connection& connection, int& exit_status) {
    Registry registry(app, connection, exit_status);
    add_look(registry);
    add_who(registry);
    add_archive(registry);
    add_policy(registry);
    add_guard(registry);
    add_gates(registry);
}

} // namespace sweepgate::cli
