// SPDX-License-Identifier: Apache-2.0
// What a policy would change, the changes first.
#include <limits>
#include <map>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/render_changes.hpp"
#include "controlplane/cli/render_decision.hpp"
#include "controlplane/cli/render_schedules.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

namespace {

void render_lines(std::ostream& out, const json& lines, const char* mark, std::size_t most) {
    std::size_t shown = 0;
    for (const auto& line : lines) {
        if (shown++ == most) break;
        out << "  " << mark << " " << printable(line.get<std::string>()) << '\n';
    }
    if (lines.size() > most) out << "  … and " << lines.size() - most << " more (--all)\n";
}

/// Of a controller that tells systems and prefixes only.
void render_changed_lines(std::ostream& out, const json& plan, std::size_t lines) {
    out << fmt::format("{} added, {} removed\n", list(plan, "added").size(),
                       list(plan, "removed").size());
    render_lines(out, list(plan, "added"), "+", lines);
    render_lines(out, list(plan, "removed"), "-", lines);
}

std::string action_of(const json& system) {
    auto action = actions(system.value("actions", json::object()));
    if (const auto rate = number(system, "packets_per_second"); rate != 0)
        action += fmt::format(" (limit {} packets/s)", rate);
    return action;
}

std::size_t prefixes_of(const json& system) {
    return number(system, "ipv4") + number(system, "ipv6");
}

/// "+3 −3", "+3 −3, 2 with another scope".
std::string change_of(const json& changed) {
    auto words =
        fmt::format("+{} −{}", list(changed, "added").size(), list(changed, "removed").size());
    const auto scope = list(changed, "now_shared").size() + list(changed, "now_exclusive").size();
    if (scope > 0) words += fmt::format(", {} with another scope", scope);
    return words;
}

/// "was drop": what is in force does something else with it; empty: the same, or nothing yet.
std::string action_before(const json& system) {
    const auto now = system.find("actions_now");
    if (now == system.end() || !now->is_object() || *now == system.value("actions", json::object()))
        return {};
    return "was " + actions(*now);
}

/// Those that change or are held by themselves, the others in one line.
void render_systems(std::ostream& out, const json& plan, bool all) {
    std::map<std::string, std::string> changes;
    if (const auto found = plan.find("changes"); found != plan.end())
        for (const auto& changed : list(*found, "systems"))
            changes[text(changed, "system")] = change_of(changed);
    Table table({Column("SYSTEM").cuts(10), Column("ACTION").wraps(8), ">PREFIXES",
                 Column(">SHARED").rank(1), Column("CHANGE").wraps(10),
                 Column("HELD").wraps(16).unless_empty()});
    std::size_t unchanged = 0;
    std::size_t prefixes = 0;
    for (const bool changed : {true, false})
        for (const auto& system : list(plan, "systems")) {
            const auto change = changes.find(text(system, "id"));
            const auto before = action_before(system);
            const bool told =
                change != changes.end() || !before.empty() || !text(system, "held").empty();
            if (told != changed) continue;
            if (!told && !(all && prefixes_of(system) > 0)) {
                unchanged += prefixes_of(system) > 0 ? 1U : 0U;
                prefixes += prefixes_of(system);
                continue;
            }
            auto words = change == changes.end() ? std::string() : change->second;
            if (!before.empty()) words += (words.empty() ? "" : ", ") + before;
            table.add({text(system, "id"), action_of(system), std::to_string(prefixes_of(system)),
                       text(system, "shared"), std::move(words), text(system, "held")});
        }
    if (!table.empty()) table.print(out);
    if (unchanged > 0)
        out << fmt::format("{} systems unchanged, {} prefixes{}\n", unchanged, prefixes,
                           all ? "" : " (--all)");
}

void render_refused(std::ostream& out, const json& plan, std::size_t lines) {
    const auto& refused = list(plan, "refused");
    if (refused.empty()) return;
    out << "\nrefused by the guard:\n";
    Table refusals({Column("PREFIX").wraps(18), Column("SYSTEM").cuts(8),
                    Column("FROM").cuts(12).rank(1), Column("BECAUSE").wraps(20)});
    for (std::size_t i = 0; i < refused.size() && i < lines; ++i)
        refusals.add({text(refused[i], "prefix"), text(refused[i], "system"),
                      text(refused[i], "hostname"), text(refused[i], "reason")});
    refusals.print(out);
    if (refused.size() > lines) out << "… and " << refused.size() - lines << " more (--all)\n";
}

} // namespace

void render_plan(std::ostream& out, const json& plan, std::size_t lines) {
    render_systems(out, plan, lines == std::numeric_limits<std::size_t>::max());
    out << fmt::format("\n{} prefixes in all, {} allowed first\n", number(plan, "prefixes"),
                       list(plan, "allow").size());
    if (const auto at = plan.find("at"); at != plan.end() && at->is_object()) render_at(out, *at);
    if (plan.value("inspect_tunnels", json()) == true)
        out << "tunnels: inner addresses are judged too, by DPDK gates only; an nftables gate "
               "cannot see them\n";
    if (const auto reach = plan.find("reach"); reach != plan.end())
        out << "it " << printable(text(*reach, "words")) << '\n';
    out << "against what is in force: ";
    if (const auto changes = plan.find("changes"); changes != plan.end())
        render_changes(out, *changes, lines);
    else
        render_changed_lines(out, plan, lines);
    for (const auto& each : list(plan, "asks"))
        out << printable(each.get<std::string>()) << ": a push of it asks, or wants --yes\n";
    render_warnings(out, plan);
    render_schedules(out, plan, lines);
    render_holds(out, plan, lines);
    auto rest = plan;
    for (const auto* told : {"holds", "warnings"}) rest.erase(told); // in full above
    render_not_in_force(out, rest);
    render_refused(out, plan, lines);
}

} // namespace sweepgate::cli
