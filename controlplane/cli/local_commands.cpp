// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/local_commands.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "controlplane/cli/backup_command.hpp"
#include "controlplane/cli/connection.hpp"
#include "controlplane/cli/doctor_command.hpp"
#include "controlplane/cli/keys_command.hpp"
#include "controlplane/cli/sweep/options.hpp"

namespace sweepgate::cli {

namespace {

void add_doctor(CLI::App& app, int& exit_status) {
    const auto command = std::make_shared<DoctorCommand>();
    auto* doctor = app.add_subcommand("doctor", "what this machine has and lacks, with remedies");
    doctor->add_option("--board", command->board, "judge the ports of this board file");
    doctor->add_option("--ports", command->ports, "judge these ports, in pairs")->delimiter(',');
    doctor->add_option("-s,--server", command->servers, "resolver; default: /etc/resolv.conf")
        ->delimiter(',');
    doctor->add_option("--name", command->probe, "the name resolvers are asked for")
        ->capture_default_str();
    doctor->add_option("--keys", command->keys, "folder of the keys")->capture_default_str();
    doctor->add_option("--state", command->state, "state folder")->capture_default_str();
    doctor->add_flag("--json", command->json, "one JSON object");
    doctor->footer("Exit codes: 0 all well, 1 warnings, 2 usage, 3 something needed is missing.");
    doctor->callback([command, &exit_status] { exit_status = run_doctor(*command); });
}

} // namespace

void add_local_commands(CLI::App& app, int& exit_status) {
    add_sweep(app, exit_status);
    add_doctor(app, exit_status);
    add_keys(app, exit_status);
    add_backup(app, exit_status);
}

} // namespace sweepgate::cli
