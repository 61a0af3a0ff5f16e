// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/local_commands.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

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

struct KeysChoice {
    std::string path;
    std::string role = "gate";
    std::string name;
};

int tell(const Status& status, const std::string& told) {
    std::cout << told;
    if (status) return kOk;
    std::cerr << "sweepgate: " << status.error().what << '\n';
    return kRefused;
}

void add_keys(CLI::App& app, int& exit_status) {
    const auto choice = std::make_shared<KeysChoice>();
    auto* keys = app.add_subcommand("keys", "make keys on the machine that uses them");
    keys->require_subcommand(1);
    auto* site = keys->add_subcommand("new", "what a controller needs, into a folder");
    site->add_option("folder", choice->path)->required();
    site->callback([choice, &exit_status] {
        std::string told;
        const auto status = make_site_keys(choice->path, told);
        exit_status = tell(status, told);
    });
    auto* client = keys->add_subcommand("client", "a pair for a gate, relay, viewer or admin");
    client->add_option("file", choice->path)->required();
    client->add_option("--role", choice->role, "gate, relay, viewer or admin")
        ->capture_default_str();
    client->add_option("--name", choice->name, "of the appliance or person")->required();
    client->callback([choice, &exit_status] {
        std::string told;
        const auto status = make_client_key(choice->path, choice->role, choice->name, told);
        exit_status = tell(status, told);
    });
}

} // namespace

void add_local_commands(CLI::App& app, int& exit_status) {
    add_sweep(app, exit_status);
    add_doctor(app, exit_status);
    add_keys(app, exit_status);
}

} // namespace sweepgate::cli
