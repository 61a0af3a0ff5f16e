// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_decision.hpp"

#include <algorithm>
#include <map>
#include <ostream>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/render_policies.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kShown = 20;
constexpr std::size_t kNamed = 8; // systems in one line
constexpr std::size_t kManyGates = 16;

std::string reach_words(const json& answer) {
    const auto reach = answer.find("reach");
    return reach == answer.end() ? std::string{} : text(*reach, "words");
}

std::string policy_words(const json& answer) {
    auto words = "policy " + text(answer, "policy");
    const auto filed = answer.find("filed");
    if (filed != answer.end() && filed->is_object())
        if (const auto file = text(*filed, "file"); !file.empty()) words += " (" + file + ")";
    return words;
}

void render_publication(std::ostream& out, const json& answer) {
    if (text(answer, "kind") == "rollback") return render_rollback(out, answer);
    const auto before = number(answer, "generation_before");
    const auto now = number(answer, "generation");
    if (now == before)
        out << printable(policy_words(answer)) << ": nothing changes, generation " << now
            << " stays\n";
    else
        out << printable(policy_words(answer)) << " published as generation " << now << ": "
            << reach_words(answer) << '\n';
}

void render_hold_change(std::ostream& out, const json& answer) {
    const auto hold = answer.value("hold", json());
    const auto added = hold.is_object() ? list(hold, "added").size() : 0;
    const auto removed = hold.is_object() ? list(hold, "removed").size() : 0;
    const auto system = printable(text(answer, "system"));
    const auto generation = number(answer, "generation");
    if (text(answer, "kind") == "refuse") {
        out << system << ": ";
        if (added > 0) out << added << " addresses kept out";
        if (removed > 0) out << (added > 0 ? ", " : "") << removed << " kept in";
        out << " (generation " << generation << "); sweepgate approve " << system
            << " takes it back\n";
        return;
    }
    out << system << ": ";
    if (!hold.is_object())
        out << "what was refused is taken back";
    else
        out << added << " addresses let through, " << removed << " let go";
    out << " (generation " << generation << ")\n";
}

void render_idle(std::ostream& out, const json& answer) {
    std::map<std::string, std::vector<std::string>> systems; // by reason
    for (const auto& each : list(answer, "idle"))
        systems[text(each, "why")].push_back(text(each, "system"));
    for (const auto& [why, ids] : systems) {
        std::string named;
        for (std::size_t i = 0; i < ids.size() && i < kNamed; ++i)
            named += (i == 0 ? "" : ", ") + ids[i];
        if (ids.size() > kNamed) named += fmt::format(" and {} more", ids.size() - kNamed);
        out << printable(fmt::format("{}: to be stopped, but {}: nothing is stopped", named, why))
            << '\n';
    }
}

} // namespace

void render_changed_systems(std::ostream& out, const json& changes) {
    for (const auto& system : list(changes, "systems")) {
        const auto added = list(system, "added").size();
        const auto removed = list(system, "removed").size();
        const auto scope = list(system, "now_shared").size() + list(system, "now_exclusive").size();
        out << fmt::format("  +{} −{} on {}", added, removed, printable(text(system, "system")));
        if (scope > 0) out << fmt::format(", {} with another scope", scope);
        out << '\n';
    }
    if (const auto more = number(changes, "left_out"); more > 0)
        out << fmt::format("  … and {} changed prefixes more (sweepgate diff --all)\n", more);
}

void render_not_in_force(std::ostream& out, const json& answer) {
    for (const auto& hold : list(answer, "holds")) {
        const auto system = printable(text(hold, "system"));
        out << "held: " << system << ' ' << printable(text(hold, "reason"));
        if (const auto by = text(hold, "refused_by"); !by.empty())
            out << "; refused by " << printable(by) << '\n';
        else
            out << "; sweepgate approve " << system << " lets it through, refuse " << system
                << " keeps it out\n";
    }
    const auto& left = list(answer, "not_in_force");
    for (std::size_t i = 0; i < left.size() && i < kShown; ++i)
        out << printable(fmt::format("not in force: {} of {} ({}): {}", text(left[i], "prefix"),
                                     text(left[i], "system"), text(left[i], "place"),
                                     text(left[i], "reason")))
            << '\n';
    if (left.size() > kShown)
        out << "not in force: … and " << left.size() - kShown << " more (--json has all)\n";
    if (text(answer, "kind") != "rollback") render_warnings(out, answer); // that says so itself
    render_idle(out, answer);
}

bool leaves_something_out(const json& answer) { return !list(answer, "not_in_force").empty(); }

void render_decision(std::ostream& out, const json& answer) {
    if (answer.contains("hold"))
        render_hold_change(out, answer);
    else
        render_publication(out, answer);
    if (const auto changes = answer.find("changes"); changes != answer.end())
        render_changed_systems(out, *changes);
    render_not_in_force(out, answer);
}

void render_gate_outcomes(std::ostream& out, const GateWait& wait, bool all) {
    const auto& gates = wait.outcomes();
    if (gates.empty()) {
        out << "no gate is known: it is published, and in force nowhere\n";
        return;
    }
    const auto well = static_cast<std::size_t>(std::ranges::count_if(gates, &GateOutcome::is_well));
    const bool sum = !all && well > kManyGates;
    std::size_t widest = 0;
    std::chrono::milliseconds last{0};
    for (const auto& gate : gates) {
        if (gate.is_well()) last = std::max(last, gate.after);
        if (!sum || !gate.is_well()) widest = std::max(widest, gate.gate.size());
    }
    if (sum)
        out << fmt::format("  {} gates enforce it, the last after {} ms\n", well, last.count());
    for (const auto& gate : gates)
        if (!sum || !gate.is_well())
            out << "  " << printable(fmt::format("{:<{}}  {}", gate.gate, widest, gate.text))
                << '\n';
}

} // namespace sweepgate::cli
