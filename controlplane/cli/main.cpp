// SPDX-License-Identifier: Apache-2.0
// sweepgate: the command line. Each subcommand is wired in its own file.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <CLI/CLI.hpp>

#include "controlplane/cli/arguments.hpp"
#include "controlplane/cli/completion.hpp"
#include "controlplane/cli/controller_commands.hpp"
#include "controlplane/cli/help.hpp"
#include "controlplane/cli/local_commands.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/usage/usage.hpp"
#include "controlplane/wire/envelope.hpp"

namespace {

/// What could not be written was not told, however well it was asked.
int told(int exit_status) {
    if (std::cout.flush()) return exit_status;
    std::cerr << "sweepgate: the output could not be written\n";
    return std::max(exit_status, EXIT_FAILURE);
}

} // namespace

int main(int argc, char** argv) {
    using namespace sweepgate::cli;
    CLI::App app{"sweepgate: asks and steers a Sweepgate site", "sweepgate"};
    app.fallthrough(); // options of the program may stand behind the command
    app.require_subcommand(0, 1);
    app.set_version_flag("--version",
                         "sweepgate " + sweepgate::version_text(sweepgate::wire::kSchema));
    app.footer("Exit codes: 0 done, 1 refused or failed (the text says why), 2 usage,\n"
               "3 nobody answered. Commands with others list them in their help.");

    Connection connection;
    add_connection(app, connection);
    int exit_status = EXIT_SUCCESS;
    add_controller_commands(app, connection, exit_status);
    add_local_commands(app, exit_status);
    add_contexts(app, connection, exit_status);
    add_help(app, exit_status);
    if (argc > 1 && std::string_view(argv[1]) == "__complete") {
        print_completions(app, {argv + 2, argv + argc}, untyped_connection(), std::cout);
        return told(EXIT_SUCCESS);
    }
    const auto arguments = flags_behind_command(app, argc, argv);
    if (const auto ends = sweepgate::usage::parse(app, static_cast<int>(arguments.size()),
                                                  arguments.data(), missing_text))
        return *ends;
    return told(exit_status);
}
