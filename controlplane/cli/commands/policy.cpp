// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/decide.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/week_time.hpp"

namespace sweepgate::cli {

namespace {

void add_plan(Registry& registry) {
    auto* plan =
        registry.add_policy("plan", "what a policy would enforce, before it does", false,
                            [](std::ostream& out, const nlohmann::json& answer,
                               const Choice& choice) { render_plan(out, answer, choice.lines()); });
    plan->add_flag("--all", registry.last_choice()->all, "every changed line and system");
    plan->add_flag_callback(
        "--exit-code",
        [choice = registry.last_choice()] {
            choice->exit_code_of = [](const nlohmann::json& answer) {
                return answer.value("same", false) ? kOk : kNotInForce;
            };
        },
        "0 when it is the same as what is in force, 4 when it differs");
    auto* snapshot = plan->add_option(
        "--snapshot", registry.last_choice()->snapshot,
        "write what it would enforce to a file, for a replay; FILE.pub is its key");
    plan->add_option("--at", registry.last_choice()->at,
                     "what it would enforce at that hour of the week, e.g. \"mon 12:30\"; each "
                     "schedule by its own clock")
        ->excludes(snapshot)
        ->type_name("TIME")
        ->transform([](const std::string& text) {
            const auto now = std::time(nullptr);
            std::tm local{};
            if (const auto time = week_time(text, *::localtime_r(&now, &local))) return *time;
            throw CLI::ValidationError("--at", "'" + text +
                                                   "' is no time like 'mon 12:30', "
                                                   "'2026-11-30T12:30' or 'now'");
        });
}

} // namespace

void add_policy(Registry& registry) {
    add_plan(registry);
    registry.add_decision("push", "put a policy in force, and wait until the gates have it",
                          {"policy", "policy file (TOML); - is standard input", true, true});
}

} // namespace sweepgate::cli
