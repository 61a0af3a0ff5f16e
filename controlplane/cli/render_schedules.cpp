// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_schedules.hpp"

#include <ostream>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

std::string actions(const json& by_group) {
    std::string line;
    if (!by_group.is_object()) return line;
    const auto everyone = text(by_group, "everyone");
    line = everyone;
    for (const auto& [group, action] : by_group.items())
        if (group != "everyone" && action != everyone)
            line += ", " + group + " " + text(by_group, group.c_str());
    return line;
}

std::string said_by(const json& by_group) {
    std::string line;
    if (!by_group.is_object()) return line;
    for (const auto& [group, action] : by_group.items())
        line += (line.empty() ? "" : ", ") + group + " " + text(by_group, group.c_str());
    return line;
}

void render_schedules(std::ostream& out, const json& plan, std::size_t lines) {
    Table table({Column("SCHEDULE").cuts(8), Column("HOURS").wraps(14), Column("SYSTEM").cuts(8),
                 Column("ACTION").wraps(12)});
    std::size_t left = 0;
    for (const auto& schedule : list(plan, "schedules")) {
        auto name = text(schedule, "name");
        auto hours = text(schedule, "hours");
        std::size_t shown = 0;
        const auto systems = schedule.value("systems", json::object());
        for (const auto& [system, said] : systems.items()) {
            if (shown++ >= lines) break;
            table.add({name, hours, system, said_by(said)});
            name.clear();
            hours.clear();
        }
        left += systems.size() - std::min(systems.size(), lines);
    }
    if (table.empty()) return;
    out << '\n';
    table.print(out);
    if (left > 0) out << "… and " << left << " more (--all)\n";
}

void render_at(std::ostream& out, const json& at) {
    const auto& schedules = list(at, "schedules");
    out << "actions as on " << text(at, "time") << ", when "
        << (schedules.empty()
                ? "no schedule is in force"
                : joined(schedules) + (schedules.size() == 1 ? " is in force" : " are in force"));
    if (const auto next = text(at, "next_change"); !next.empty()) out << "; next change " << next;
    out << '\n';
}

} // namespace sweepgate::cli
