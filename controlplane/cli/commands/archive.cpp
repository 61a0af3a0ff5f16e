// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/render.hpp"

namespace sweepgate::cli {

namespace {

void add_diff(Registry& registry) {
    auto* diff =
        registry.add("diff", "what came and went between two generations, by system and name",
                     [](std::ostream& out, const nlohmann::json& answer, const Choice& choice) {
                         render_diff(out, answer, choice.lines());
                     });
    const auto asked = registry.last_choice();
    auto* from =
        diff->add_option("from", asked->from, "generation; default: the one before the newest");
    diff->add_option("to", asked->to, "generation; default: the newest")->needs(from);
    diff->add_flag("--all", asked->all, "every changed line");
    diff->footer("`sweepgate generations` lists them; the newest eight can be compared.");
    diff->parse_complete_callback(
        [asked] { asked->argument = asked->from + (asked->to.empty() ? "" : " " + asked->to); });
}

void add_rollback(Registry& registry) {
    auto* rollback =
        registry.add("rollback", "put the policy before, or number N, in force", render_generation);
    rollback->add_option("number", registry.last_choice()->argument, "policy number");
}

} // namespace

void add_archive(Registry& registry) {
    add_diff(registry);
    registry.add("audit", "who tried what", plain(render_audit));
    registry.add("generations", "what was published, when and why", plain(render_generations));
    add_rollback(registry);
}

} // namespace sweepgate::cli
