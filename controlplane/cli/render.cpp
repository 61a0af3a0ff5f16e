// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "controlplane/cli/render_changes.hpp"
#include "controlplane/cli/render_schedules.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

std::string outcomes(const json& round) {
    std::string line;
    const auto found = round.find("outcomes");
    if (found == round.end() || !found->is_object()) return line;
    for (const auto& [outcome, count] : found->items())
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count.dump(), outcome);
    return line;
}

std::string gate_state(const json& gate) {
    if (!text(gate, "error").empty()) return "refused: " + text(gate, "error");
    if (is_set(gate, "expired")) return "enforced, but expired";
    return is_set(gate, "current") ? "current" : "behind";
}

void render_gates(std::ostream& out, const json& status) {
    Table table({"GATE", "KIND", ">GENERATION", ">SEEN", "STATE", "SCHEDULES"});
    for (const auto& gate : list(status, "gates")) {
        const auto seen = gate.value("seen_s_ago", 0.0);
        table.add({text(gate, "gate"), text(gate, "kind"), text(gate, "generation"),
                   fmt::format("{:.0f} s ago", seen), gate_state(gate),
                   joined(list(gate, "schedules"))});
    }
    if (table.empty())
        out << "no gate has reported yet\n";
    else
        table.print(out);
}

std::string port_class(const json& system, const char* name) {
    const auto classes = system.find("port_classes");
    return classes != system.end() && classes->is_object() ? text(*classes, name) : std::string{};
}

/// Rounded down: all of it is said only where nothing is expected any more.
std::string coverage(const json& system) {
    const auto share = system.find("coverage");
    return share == system.end() || !share->is_number()
               ? std::string{}
               : fmt::format("≈{} %", static_cast<int>(share->get<double>() * 100));
}

void render_systems(std::ostream& out, const json& status, bool all) {
    Table table({"SYSTEM", "ACTION", ">IPV4", ">IPV6", ">SHARED", ">SEEN", ">DROPPED", ">REJECTED",
                 ">MONITORED", ">LIMITED", ">WITHIN", ">OWN PORT", ">EVASION", ">OTHER", "HELD"});
    for (const auto& system : list(status, "systems")) {
        const bool silent = number(system, "ipv4") + number(system, "ipv6") == 0;
        if (silent && !all) continue;
        table.add({text(system, "id"), text(system, "action"), text(system, "ipv4"),
                   text(system, "ipv6"), text(system, "shared"), coverage(system),
                   text(system, "dropped"), text(system, "rejected"), text(system, "monitored"),
                   text(system, "limited"), text(system, "within"), port_class(system, "own"),
                   port_class(system, "evasion"), port_class(system, "other"),
                   text(system, "held")});
    }
    if (!table.empty()) table.print(out);
}

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

void render_published(std::ostream& out, const json& status) {
    if (number(status, "generation") == 0) {
        out << fmt::format("nothing is published yet: policy {} waits for the first round of DNS "
                           "questions\n",
                           number(status, "policy"));
        return;
    }
    out << fmt::format("generation {} ({}), policy {}, {} prefixes, {} allowed first\n",
                       number(status, "generation"), text(status, "digest").substr(0, 12),
                       number(status, "policy"), number(status, "prefixes"),
                       number(status, "allowed_prefixes"));
    out << fmt::format("issued {}, expires {}\n", text(status, "issued_at"),
                       text(status, "expires_at"));
}

void render_round(std::ostream& out, const json& round) {
    if (number(round, "number") != 0)
        out << fmt::format("round {}: {} questions in {:.2f} s: {}\n", number(round, "number"),
                           number(round, "questions"), round.value("seconds", 0.0),
                           outcomes(round));
    if (const auto error = text(round, "error"); !error.empty())
        out << "the last round failed: " << printable(error) << '\n';
    if (const auto since = text(round, "silent_since"); !since.empty())
        out << "no resolver has answered since " << since << ": nothing ages\n";
}

/// The last round, and what is asked without end.
void render_sweep(std::ostream& out, const json& status) {
    if (const auto round = status.find("round"); round != status.end()) render_round(out, *round);
    const auto sweep = status.find("sweep");
    if (sweep == status.end() || !sweep->is_object()) return;
    out << fmt::format("sweep: {} questions asked again and again, {} of them failing, {} "
                       "beyond the budget\n",
                       number(*sweep, "questions"), number(*sweep, "failing"),
                       number(*sweep, "beyond_budget"));
    if (const auto stretch = sweep->value("stretch", 1.0); stretch > 1)
        out << fmt::format("{:.0f} questions/s are due and the budget is {:.0f}/s: names that do "
                           "not change are asked {:.1f} times as seldom as their TTLs allow\n",
                           sweep->value("wanted_per_second", 0.0),
                           sweep->value("budget_per_second", 0.0), stretch);
}

} // namespace

void render_status(std::ostream& out, const json& status, bool all) {
    render_published(out, status);
    render_sweep(out, status);
    out << '\n';
    render_gates(out, status);
    out << '\n';
    render_systems(out, status, all);
    render_alarms(out, status);
}

void render_plan(std::ostream& out, const json& plan, std::size_t lines) {
    Table table({"SYSTEM", "ACTION", ">IPV4", ">IPV6", ">SHARED", "HELD"});
    for (const auto& system : list(plan, "systems")) {
        if (number(system, "ipv4") + number(system, "ipv6") == 0) continue;
        auto action = actions(system.value("actions", json::object()));
        if (const auto rate = number(system, "packets_per_second"); rate != 0)
            action += fmt::format(" (limit {} packets/s)", rate);
        table.add({text(system, "id"), action, text(system, "ipv4"), text(system, "ipv6"),
                   text(system, "shared"), text(system, "held")});
    }
    if (!table.empty()) table.print(out);
    out << fmt::format("\n{} prefixes in all, {} allowed first\n", number(plan, "prefixes"),
                       list(plan, "allow").size());
    if (const auto at = plan.find("at"); at != plan.end() && at->is_object()) render_at(out, *at);
    if (plan.value("inspect_tunnels", json()) == true)
        out << "tunnels: inner addresses are judged too, by DPDK gates only; an nftables gate "
               "cannot see them\n";
    out << "against what is in force: ";
    if (const auto changes = plan.find("changes"); changes != plan.end())
        render_changes(out, *changes, lines);
    else
        render_changed_lines(out, plan, lines);
    render_schedules(out, plan, lines);
    render_holds(out, plan, lines);
    const auto& refused = list(plan, "refused");
    if (refused.empty()) return;
    out << "\nrefused by the guard:\n";
    Table refusals({"PREFIX", "SYSTEM", "FROM", "BECAUSE"});
    for (std::size_t i = 0; i < refused.size() && i < lines; ++i)
        refusals.add({text(refused[i], "prefix"), text(refused[i], "system"),
                      text(refused[i], "hostname"), text(refused[i], "reason")});
    refusals.print(out);
    if (refused.size() > lines) out << "… and " << refused.size() - lines << " more (--all)\n";
}

void render_audit(std::ostream& out, const json& audit) {
    Table table({"TIME", "WHO", "WHAT", "DETAIL", "RESULT"});
    for (const auto& entry : list(audit, "audit"))
        table.add({text(entry, "time"), text(entry, "who"), text(entry, "verb"),
                   text(entry, "detail"), text(entry, "result")});
    table.print(out);
}

void render_generations(std::ostream& out, const json& generations) {
    Table table({">GENERATION", "TIME", "CAUSE", "DIGEST"});
    for (const auto& entry : list(generations, "generations"))
        table.add({text(entry, "generation"), text(entry, "time"), text(entry, "cause"),
                   text(entry, "digest").substr(0, 12)});
    table.print(out);
}

} // namespace sweepgate::cli
