// SPDX-License-Identifier: Apache-2.0
// sweepgate: the command line. Each subcommand is wired in its own file.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "controlplane/cli/controller_commands.hpp"
#include "controlplane/cli/local_commands.hpp"
#include "controlplane/model/version.hpp"

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
    CLI::App app{"sweepgate: asks and steers a Sweepgate site"};
    // None is refused below, so that a word that is no command is named in its error.
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", std::string(sweepgate::kVersion));
    app.footer("Exit codes: 0 done, 1 refused or failed (the text says why), 2 usage,\n"
               "3 nobody answered. `sweep` and `doctor` document their own in --help.");

    Connection connection;
    app.add_option("--connect", connection.endpoint, "the controller's requests endpoint")
        ->envname("SWEEPGATE_CONNECT")
        ->capture_default_str();
    app.add_option("--key", connection.key_file, "own CURVE key file, for tcp://");
    app.add_option("--server-key", connection.server_file,
                   "the controller's public CURVE key file, for tcp://");
    long timeout_ms = connection.timeout.count();
    app.add_option("--timeout", timeout_ms, "how long to wait for an answer, ms")
        ->check(CLI::Range(100L, 600'000L))
        ->capture_default_str();
    app.parse_complete_callback(
        [&] { connection.timeout = std::chrono::milliseconds(timeout_ms); });

    int exit_status = EXIT_SUCCESS;
    add_controller_commands(app, connection, exit_status);
    add_local_commands(app, exit_status);
    try {
        app.parse(argc, argv);
        if (app.get_subcommands().empty()) throw CLI::RequiredError("A command");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
    }
    return told(exit_status);
}
