// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "controlplane/cli/commands/registry.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_policies.hpp"

namespace sweepgate::cli {

namespace {

using nlohmann::json;

void add_diff(Registry& registry) {
    auto* diff =
        registry.add("diff", "what came and went between two generations, by system and name",
                     [](std::ostream& out, const json& answer, const Choice& choice) {
                         if (choice.verb.empty())
                             render_diff(out, answer, choice.lines());
                         else
                             render_policy_diff(out, answer);
                     });
    const auto asked = registry.last_choice();
    auto* from =
        diff->add_option("from", asked->from, "generation; default: the one before the newest");
    diff->add_option("to", asked->to, "generation; default: the newest")->needs(from);
    diff->add_flag("--all", asked->all, "every changed line");
    const auto policy = std::make_shared<bool>(false);
    diff->add_flag(
        "--policy", *policy,
        "lines of two filed policies instead; default: the one before that in force, and "
        "that in force");
    diff->footer(
        "`sweepgate generations` lists generations; those of the last hour and those that\n"
        "people made can be compared. `sweepgate policies` lists policies.\n"
        "Examples:\n"
        "  sweepgate diff                 what the newest generation changed\n"
        "  sweepgate diff 12 19           what changed from 12 to 19\n"
        "  sweepgate diff --policy 2 3    the lines that policy 3 changed");
    diff->parse_complete_callback([asked, policy] {
        asked->argument = asked->from + (asked->to.empty() ? "" : " " + asked->to);
        if (*policy) asked->verb = "policy-diff";
    });
}

void add_policies(Registry& registry) {
    auto* policies =
        registry.add("policies", "policies that were in force: who put them there, from which file",
                     [](std::ostream& out, const json& answer, const Choice& choice) {
                         if (choice.verb.empty())
                             render_policies(out, answer);
                         else
                             render_policy(out, answer);
                     });
    const auto asked = registry.last_choice();
    auto* what = policies->add_option("what", asked->from, "show: one of them, as it was filed")
                     ->check(CLI::IsMember({"show"}));
    policies->add_option("number", asked->argument, "its number; default: the one in force")
        ->needs(what)
        ->check(CLI::Number);
    policies->footer("What `show` prints is a policy that `push` takes.\n"
                     "Examples:\n"
                     "  sweepgate policies             the list, the newest first\n"
                     "  sweepgate policies show        the one in force\n"
                     "  sweepgate policies show 3      number 3");
    policies->parse_complete_callback([asked] {
        if (!asked->from.empty()) asked->verb = "policy";
    });
}

void add_audit(Registry& registry) {
    auto* audit = registry.add("audit", "who tried what",
                               [](std::ostream& out, const json& answer, const Choice& choice) {
                                   if (choice.verb.empty())
                                       render_audit(out, answer);
                                   else
                                       render_audit_proof(out, answer);
                               });
    const auto asked = registry.last_choice();
    const auto verify = std::make_shared<bool>(false);
    audit->add_flag("--verify", *verify,
                    "whether each entry is as it was written, and none is missing");
    audit->footer(
        "Each entry's hash covers the one before it; the log has them too (`journalctl -u\n"
        "sweepgated | grep audit`), as has --json: what was copied elsewhere can be\n"
        "compared. Whoever is root on the controller can write it all anew, but for that.\n"
        "Examples:\n"
        "  sweepgate audit                the last 100, the newest first\n"
        "  sweepgate audit --verify       1 and the entry when one is not as it was\n"
        "  sweepgate audit --json         hashes too, to be kept elsewhere");
    audit->parse_complete_callback([asked, verify] {
        if (*verify) asked->verb = "audit-verify";
    });
}

void add_rollback(Registry& registry) {
    auto* rollback =
        registry.add_decision("rollback", "put the policy before, or number N, in force",
                              {"number", "policy number", false});
    rollback->get_option("number")->check(CLI::Range(1U, 4'000'000'000U));
    rollback->footer(
        "Each rollback goes one further back; a text that is in force already is passed\n"
        "over. Its prefix lists come along as they were filed.\n"
        "Examples:\n"
        "  sweepgate rollback             one back\n"
        "  sweepgate rollback 3           to number 3\n"
        "  sweepgate rollback --yes       without being asked, in a script\n"
        "Exit codes: 0 in force at every gate, 4 published but not (all) in force,\n"
        "1 refused and nothing changed, 2 usage, 3 nobody answered.");
}

} // namespace

void add_archive(Registry& registry) {
    add_diff(registry);
    add_audit(registry);
    registry.add("generations", "what was published, when and why", plain(render_generations));
    add_policies(registry);
    add_rollback(registry);
}

} // namespace sweepgate::cli
