// SPDX-License-Identifier: Apache-2.0
// What stands around the command: how the controller is reached, and flags typed before it.
#pragma once

#include <vector>

#include "controlplane/cli/connection.hpp"

namespace CLI {
class App;
}

namespace sweepgate::cli {

/// --connect, --key, --server-key, --timeout, --context and their variables.
void add_connection(CLI::App& app, Connection& connection);

/// As if nothing had been typed.
[[nodiscard]] Connection untyped_connection();

/// The command that lists the contexts.
void add_contexts(CLI::App& app, Connection& connection, int& exit_status);

/// `sweepgate --json status`: flags that only commands know, typed before one, are meant for it.
[[nodiscard]] std::vector<const char*> flags_behind_command(const CLI::App& app, int argc,
                                                            const char* const* argv);

} // namespace sweepgate::cli
