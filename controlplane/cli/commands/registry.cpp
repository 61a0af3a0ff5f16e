// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/commands/registry.hpp"

#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controlplane/cli/decide.hpp"
#include "controlplane/cli/plan_snapshot.hpp"
#include "controlplane/cli/source_lines.hpp"
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

} // namespace

int report(const Error& error) {
    std::cerr << fitted(told_with_lines(error.what, Sources::remembered),
                        screen_behind(STDERR_FILENO));
    return exit_code(error);
}

int run(const Connection& connection, const std::string& verb, const std::string& argument,
        const Choice& choice, const Render& render) {
    const auto answer = ask(connection, verb, argument, choice.options);
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
    auto text = config::read_stream(path == "-" ? "/dev/stdin" : path, kMaxPolicy);
    const std::string typed = path == "-" ? "<stdin>" : path;
    if (text) remember_source(typed, *text);
    call_source("policy", typed);
    return text;
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
        const auto policy = choice->argument.empty() ? Result<std::string>(std::string{})
                                                     : policy_to_read(choice->argument, "planned");
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

CLI::App* Registry::add_decision(const std::string& verb, const std::string& text,
                                 const Argument& argument) {
    const auto choice = std::make_shared<Choice>();
    auto* command = begin(verb, text, choice);
    command->add_option(argument.name, choice->argument, argument.text)
        ->required(argument.required);
    if (verb == "push" || verb == "rollback") {
        command->add_flag("-y,--yes", choice->yes,
                          "meant, also where it opens or shuts more than the bounds");
        command->add_option("-m,--message", choice->message, "why; kept with the policy");
    }
    command->add_option("--wait", choice->wait, "seconds to wait for the gates; 0: not at all")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    command->add_flag("--all", choice->all, "every gate by name, however many");
    command->footer("Exit codes: 0 in force at every gate, 4 published but not (all) in force,\n"
                    "1 refused and nothing changed, 2 usage, 3 nobody answered.");
    command->callback([&connection = connection_, &exit_status = exit_status_, verb, choice,
                       file = argument.file] {
        DecisionRequest request{verb,        choice->argument, {},           choice->message,
                                choice->yes, choice->wait,     choice->json, choice->all};
        if (file) {
            auto policy = policy_to_read(choice->argument, "pushed");
            if (!policy) {
                exit_status = report(policy.error());
                return;
            }
            request.file = choice->argument;
            request.argument = std::move(*policy);
        }
        exit_status = decide(connection, request);
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
