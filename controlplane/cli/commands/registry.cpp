// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/commands/registry.hpp"

#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/plan_snapshot.hpp"
#include "controlplane/cli/terminal.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxPolicy = std::size_t{8} << 20U;

int save_plan(const Connection& connection, const std::string& policy, const Choice& choice) {
    const auto ok = save_planned(connection, policy, choice.snapshot, choice.json, std::cout);
    return ok ? kOk : report(ok.error());
}

/// Only what fits the screen, and nothing that steers it, reaches the terminal.
void show(std::ostream& out, const json& answer, const Choice& choice, const Render& render) {
    const auto screen = screen_behind(STDOUT_FILENO);
    std::ostringstream page;
    set_screen(page, screen);
    render(page, answer, choice);
    out << fitted(page.view(), screen);
}

/// What goes along with the argument; nothing for most commands.
std::string options_of(const Choice& choice) {
    if (!choice.options.empty()) return choice.options;
    json options = json::object();
    if (!choice.file.empty()) options["file"] = choice.file;
    if (!choice.message.empty()) options["message"] = choice.message;
    return options.empty() ? std::string{} : options.dump();
}

} // namespace

int report(const Error& error) {
    std::cerr << fitted("sweepgate: " + error.what + "\n", screen_behind(STDERR_FILENO));
    return exit_code(error);
}

int run(const Connection& connection, const std::string& verb, const std::string& argument,
        const Choice& choice, const Render& render) {
    const auto answer = ask(connection, verb, argument, options_of(choice));
    if (!answer) return report(answer.error());
    try {
        if (choice.json)
            std::cout << json_text(*answer) << '\n';
        else
            show(std::cout, *answer, choice, render);
        if (choice.exit_code_of) return choice.exit_code_of(*answer);
    } catch (const json::exception& error) {
        return report({Errc::bad_input, std::string("the answer makes no sense: ") + error.what()});
    }
    return kOk;
}

Result<std::string> policy_text(const std::string& path) {
    if (path.empty()) return std::string{};
    return config::read_stream(path == "-" ? "/dev/stdin" : path, kMaxPolicy);
}

void render_generation(std::ostream& out, const json& answer, const Choice& /*choice*/) {
    for (const auto& warning : list(answer, "warnings"))
        out << "warning: " << printable(warning.get<std::string>()) << '\n';
    out << "policy " << number(answer, "policy") << " is in force"
        << (is_set(answer, "unchanged") ? " already" : "") << " as generation "
        << number(answer, "generation") << (is_set(answer, "unchanged") ? ": nothing changes" : "")
        << '\n';
}

CLI::App* Registry::add(const std::string& verb, const std::string& text, Render render) {
    const auto choice = std::make_shared<Choice>();
    auto* command = begin(verb, text, choice);
    command->callback([&connection = connection_, &exit_status = exit_status_, verb, choice,
                       render = std::move(render)] {
        exit_status = run(connection, choice->verb.empty() ? verb : choice->verb, choice->argument,
                          *choice, render);
    });
    return command;
}

CLI::App* Registry::add_policy(const std::string& verb, const std::string& text, bool required,
                               Render render) {
    const auto choice = std::make_shared<Choice>();
    auto* command = begin(verb, text, choice);
    command->add_option("policy", choice->argument, "policy file (TOML); - is standard input")
        ->required(required);
    command->callback([&connection = connection_, &exit_status = exit_status_, verb, choice,
                       render = std::move(render)] {
        const auto policy = policy_text(choice->argument);
        if (verb == "push") choice->file = choice->argument;
        if (!policy)
            exit_status = report(policy.error());
        else if (!choice->snapshot.empty())
            exit_status = save_plan(connection, *policy, *choice);
        else if (!choice->at.empty())
            exit_status =
                run(connection, verb + "-at", choice->at + "\n" + *policy, *choice, render);
        else
            exit_status = run(connection, verb, *policy, *choice, render);
    });
    return command;
}

CLI::App* Registry::begin(const std::string& verb, const std::string& text,
                          const std::shared_ptr<Choice>& choice) {
    auto* command = app_.add_subcommand(verb, text);
    command->add_flag("--json", choice->json, "the controller's answer as one JSON object");
    last_choice_ = choice;
    return command;
}

} // namespace sweepgate::cli
