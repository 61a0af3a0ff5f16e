// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/help.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "controlplane/cli/connection.hpp"
#include "controlplane/model/nearest.hpp"
#include "controlplane/usage/usage.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::string_view kLook = "Look";
constexpr std::string_view kChange = "Change";
constexpr std::string_view kDns = "Ask DNS";
constexpr std::string_view kSetUp = "Set up";

const std::vector<CommandHelp>& table() {
    static const std::vector<CommandHelp> kTable{
        {"status", kLook, "", {"status", "status --all", "--json status | jq .health"}},
        {"health", kLook, "", {"health", "health && echo well", "health --json"}},
        {"gates", kLook, "", {"gates", "gates --json", "gates forget branch7/dpdk"}},
        {"gates forget",
         kLook,
         "name a gate",
         {"gates forget branch7/dpdk", "gates forget branch7/nftables --connect tcp://hq:7402",
          "gates forget branch7/dpdk && sweepgate gates"}},
        {"why",
         kLook,
         "name an address",
         {"why 203.0.113.7", "why 2001:db8::7", "why 203.0.113.7 --json"}},
        {"history",
         kLook,
         "name a hostname or an address",
         {"history irc.libera.chat", "history 203.0.113.7", "history irc.libera.chat --json"}},
        {"top", kLook, "", {"top", "top -n 5 --by system", "top --by port --minutes 5"}},
        {"events", kLook, "", {"events", "events -n 10", "events --json | jq"}},
        {"diff", kLook, "", {"diff", "diff 27", "diff 25 28 --all"}},
        {"audit", kLook, "", {"audit", "audit --json", "audit | grep push"}},
        {"generations", kLook, "", {"generations", "generations --json", "generations | head"}},
        {"policies", kLook, "", {"policies", "policies show 14", "policies --json"}},
        {"plan",
         kLook,
         "",
         {"plan policy.toml", "plan policy.toml --at 'mon 12:30'",
          "plan policy.toml --snapshot plan.snapshot"}},
        {"push",
         kChange,
         "name a policy file, or - for standard input",
         {"push policy.toml", "push - < policy.toml", "push policy.toml --json"}},
        {"rollback", kChange, "", {"rollback", "rollback 14", "rollback --json"}},
        {"approve",
         kChange,
         "name a system whose addresses are held",
         {"approve tox", "approve tox --json", "approve line && sweepgate status"}},
        {"refuse",
         kChange,
         "name a system whose addresses are held",
         {"refuse tox", "refuse tox --json", "refuse line && sweepgate status"}},
        {"refresh", kChange, "", {"refresh", "refresh --json", "refresh && sweepgate status"}},
        {"sweep",
         kDns,
         "name a hostname, a system or all",
         {"sweep irc.libera.chat", "sweep irc @192.0.2.53", "sweep -f names.txt --short"}},
        {"doctor",
         kSetUp,
         "",
         {"doctor", "doctor --ports af_packet:eth1,af_packet:eth2", "doctor --board box.toml"}},
        {"keys",
         kSetUp,
         "",
         {"keys new /etc/sweepgate/keys", "keys client alice.key --role admin --name alice",
          "keys list"}},
        {"keys new",
         kSetUp,
         "name the folder",
         {"keys new /etc/sweepgate/keys", "keys new ./keys",
          "keys new /tmp/try && ls -l /tmp/try"}},
        {"keys client",
         kSetUp,
         "name the file to make",
         {"keys client alice.key --role admin --name alice",
          "keys client branch7.key --name branch7",
          "keys client bob.key --role viewer --name bob"}},
        {"keys authorize",
         kSetUp,
         "name the file of a public key",
         {"keys authorize alice.key.pub --role admin --name alice",
          "keys authorize branch7.key.pub --name branch7",
          "keys authorize bob.key.pub --role viewer --name bob --file ./authorized_keys"}},
        {"keys list",
         kSetUp,
         "",
         {"keys list", "keys list --file ./authorized_keys", "keys list | grep admin"}},
        {"keys revoke",
         kSetUp,
         "name whom, by name or fingerprint",
         {"keys revoke alice", "keys revoke 3f9a61c20d77b5e4",
          "keys revoke bob --file ./authorized_keys"}},
        {"backup",
         kSetUp,
         "name the file to make",
         {"backup /mnt/site.backup", "backup /mnt/site.backup --with-keys",
          "backup /mnt/site.backup --with-keys --passphrase-file /root/passphrase --force"}},
        {"restore",
         kSetUp,
         "name the file of a backup",
         {"restore /mnt/site.backup", "restore /mnt/site.backup --yes",
          "restore /mnt/site.backup --passphrase-file /root/passphrase"}},
        {"contexts",
         kSetUp,
         "",
         {"contexts", "contexts --json", "contexts && sweepgate --context berlin status"}},
        {"help", kSetUp, "", {"help", "help push", "help keys client"}},
    };
    return kTable;
}

std::string examples_of(const CommandHelp& help) {
    std::string text = "Examples:";
    for (const auto example : help.examples) text += "\n  sweepgate " + std::string(example);
    return text;
}

void describe(CLI::App& command, const std::string& path) {
    for (auto* below : command.get_subcommands([](CLI::App*) { return true; })) {
        if (below->get_group().empty()) continue; // hidden
        const auto full = path.empty() ? below->get_name() : path + " " + below->get_name();
        if (const auto* help = help_of(full)) {
            if (path.empty()) below->group(std::string(help->group));
            const auto footer = below->get_footer();
            if (footer.find("Examples:") == std::string::npos)
                below->footer((footer.empty() ? "" : footer + "\n\n") + examples_of(*help));
        }
        describe(*below, full);
    }
}

/// Follows the words down from the program. Null, told on standard error: one of them is none.
const CLI::App* find(const CLI::App& app, const std::vector<std::string>& words) {
    const auto* at = &app;
    for (const auto& word : words) {
        std::vector<std::string> known;
        const CLI::App* next = nullptr;
        for (const auto* command : at->get_subcommands([](const CLI::App*) { return true; })) {
            if (command->get_group().empty()) continue;
            known.push_back(command->get_name());
            if (command->get_name() == word) next = command;
        }
        if (next == nullptr) {
            usage::complain("sweepgate help",
                            "no command '" + word + "'" + did_you_mean(word, known));
            return nullptr;
        }
        at = next;
    }
    return at;
}

} // namespace

const CommandHelp* help_of(std::string_view command) {
    const auto found = std::find_if(table().begin(), table().end(),
                                    [&](const auto& help) { return help.command == command; });
    return found == table().end() ? nullptr : &*found;
}

std::string missing_text(const std::string& command) {
    if (command.empty()) return "name a command; sweepgate help lists them";
    const auto* help = help_of(command);
    if (help == nullptr || help->missing.empty()) return {};
    return std::string(help->missing) + ", e.g. sweepgate " + std::string(help->examples.front());
}

void add_help(CLI::App& app, int& exit_status) {
    const auto words = std::make_shared<std::vector<std::string>>();
    auto* help = app.add_subcommand("help", "this, or what a command does");
    help->add_option("command", *words, "whose help");
    help->callback([&app, words, &exit_status] {
        const auto* command = find(app, *words);
        std::string above; // the words before the last one, as --help prints them
        for (std::size_t i = 0; i < words->size(); ++i)
            above += i == 0 ? "sweepgate" : " " + (*words)[i - 1];
        if (command != nullptr) std::cout << command->help(above);
        exit_status = command == nullptr ? kUsage : kOk;
    });
    describe(app, {});
}

} // namespace sweepgate::cli
