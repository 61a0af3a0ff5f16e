// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/decide.hpp"

#include <iostream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/gate_wait.hpp"
#include "controlplane/cli/render_decision.hpp"
#include "controlplane/cli/terminal.hpp"

namespace sweepgate::cli {

namespace {

bool can_ask(const DecisionRequest& request) {
    const bool takes_policy = request.verb == "push" || request.verb == "rollback";
    return takes_policy && !request.yes && !request.json && isatty(STDIN_FILENO) != 0 &&
           isatty(STDERR_FILENO) != 0;
}

std::string options_of(const DecisionRequest& request, bool yes) {
    auto options = json::object();
    if (!request.file.empty()) options["file"] = request.file;
    if (!request.message.empty()) options["message"] = request.message;
    if (yes) options["yes"] = true;
    if (!yes && can_ask(request)) options["ask"] = true;
    return options.empty() ? std::string{}
                           : options.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_meant(const json& asks) {
    std::cerr << fitted(joined(asks, "\n") + "\n", screen_behind(STDERR_FILENO))
              << "Is that meant? [y/N] " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    return line == "y" || line == "Y" || line == "yes";
}

/// Asks again with a person's yes where the controller wants one. Nothing: they said no.
Result<json> change(const Connection& connection, const DecisionRequest& request) {
    auto answer = ask(connection, request.verb, request.argument, options_of(request, request.yes));
    if (!answer || list(*answer, "asks").empty()) return answer;
    if (!is_meant(list(*answer, "asks"))) return fail(Errc::refused, "nothing was changed");
    return ask(connection, request.verb, request.argument, options_of(request, true));
}

json to_json(const GateWait& wait) {
    auto gates = json::array();
    for (const auto& gate : wait.outcomes())
        gates.push_back(
            {{"gate", gate.gate},
             {"kind", gate.kind},
             {"outcome", gate.outcome},
             {"after_ms", gate.outcome == "enforced" ? json(gate.after.count()) : json(nullptr)},
             {"enforces", gate.enforces},
             {"text", gate.text}});
    return gates;
}

void print(const std::string& page) {
    std::cout << fitted(page, screen_behind(STDOUT_FILENO)) << std::flush;
}

} // namespace

namespace {

int change_and_wait(const Connection& connection, const DecisionRequest& request) {
    auto answer = change(connection, request);
    if (!answer) return report(answer.error());
    std::ostringstream page;
    render_decision(page, *answer);
    if (!request.json) print(page.str());
    bool whole = !leaves_something_out(*answer);
    if (request.wait_seconds > 0) {
        const auto most = std::chrono::milliseconds(static_cast<int>(request.wait_seconds * 1000));
        const auto generation = number(*answer, "generation");
        const auto wait = wait_for_gates(connection, generation,
                                         generation != number(*answer, "generation_before"), most);
        if (!wait) return report(wait.error());
        std::ostringstream gates;
        render_gate_outcomes(gates, *wait, request.all);
        if (!request.json) print(gates.str());
        (*answer)["gates"] = to_json(*wait);
        whole = whole && wait->in_force();
        (*answer)["in_force"] = whole;
    }
    if (request.json) std::cout << json_text(*answer) << '\n';
    return whole ? kOk : kNotInForce;
}

} // namespace

int decide(const Connection& connection, const DecisionRequest& request) {
    try {
        return change_and_wait(connection, request);
    } catch (const json::exception& error) {
        return report({Errc::bad_input, std::string("the answer makes no sense: ") + error.what()});
    }
}

Result<std::string> policy_to_read(const std::string& path, const char* verb_done) {
    auto policy = policy_text(path);
    if (!policy) return policy;
    auto text = std::string_view(*policy);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) return policy;
    return fail(Errc::bad_input, (path == "-" ? "standard input" : path) + " is empty: nothing " +
                                     verb_done + "; to take all defaults write a comment");
}

} // namespace sweepgate::cli
