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

} // namespace

void render_plan(std::ostream& out, const json& plan, std::size_t lines) {
    Table table({"SYSTEM", Column("ACTION").wraps(8), ">IPV4", ">IPV6", Column(">SHARED").rank(1),
                 Column("HELD").wraps(16)});
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
    Table refusals(
        {"PREFIX", "SYSTEM", Column("FROM").cuts(12).rank(1), Column("BECAUSE").wraps(20)});
    for (std::size_t i = 0; i < refused.size() && i < lines; ++i)
        refusals.add({text(refused[i], "prefix"), text(refused[i], "system"),
                      text(refused[i], "hostname"), text(refused[i], "reason")});
    refusals.print(out);
    if (refused.size() > lines) out << "… and " << refused.size() - lines << " more (--all)\n";
}

void render_audit(std::ostream& out, const json& audit) {
    Table table({Column("TIME").rank(1), Column("WHO").cuts(8), "WHAT", Column("DETAIL").wraps(16),
                 Column("RESULT").wraps(14)});
    for (const auto& entry : list(audit, "audit"))
        table.add({text(entry, "time"), text(entry, "who"), text(entry, "verb"),
                   text(entry, "detail"), text(entry, "result")});
    table.print(out);
}

void render_generations(std::ostream& out, const json& generations) {
    Table table({">GENERATION", "TIME", Column("CAUSE").wraps(14), Column("DIGEST").rank(1)});
    for (const auto& entry : list(generations, "generations"))
        table.add({text(entry, "generation"), text(entry, "time"), text(entry, "cause"),
                   text(entry, "digest").substr(0, 12)});
    table.print(out);
}

} // namespace sweepgate::cli
