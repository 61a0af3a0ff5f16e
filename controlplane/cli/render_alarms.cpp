// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_alarms.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

namespace {

void render_changed(std::ostream& out, const json& hold, const char* key, const char* mark,
                    std::size_t lines) {
    const auto& changed = list(hold, key);
    std::size_t shown = 0;
    for (const auto& each : changed) {
        if (shown++ == lines) {
            out << "  … and " << changed.size() - lines << " more (--all)\n";
            return;
        }
        out << "  " << mark << ' ' << printable(text(each, "prefix")) << "  "
            << printable(joined(list(each, "names"))) << '\n';
    }
}

/// A system, a gate, or neither.
std::string about(const json& alarm) {
    const auto system = text(alarm, "system");
    return system.empty() ? text(alarm, "gate") : system;
}

/// The verdict says it already.
bool is_in_verdict(const json& status, const json& alarm) {
    const auto health = status.find("health");
    if (health == status.end() || !health->is_object()) return false;
    const auto words = text(alarm, "text");
    return std::ranges::any_of(list(*health, "faults"), [&](const json& fault) {
        return fault.is_string() && !words.empty() &&
               fault.get<std::string>().find(words) != std::string::npos;
    });
}

} // namespace

void render_standing_alarms(std::ostream& out, const json& status, Instant now) {
    Table table({Column("SEVERITY").rank(1).unless_empty(), "ALARM",
                 Column("ABOUT").cuts(10).unless_empty(), Column("SINCE").rank(2),
                 Column("").wraps(20)});
    for (const auto& alarm : list(status, "alarms"))
        if (!is_in_verdict(status, alarm))
            table.add({text(alarm, "severity"), text(alarm, "kind"), about(alarm),
                       clock_text(text(alarm, "since"), now), text(alarm, "text")});
    if (table.empty()) return;
    table.print(out);
    out << '\n';
}

void render_raised_alarms(std::ostream& out, const json& events, Instant now) {
    Table table({"SINCE", Column("UNTIL").unless_empty(), Column("SEVERITY").rank(1).unless_empty(),
                 "ALARM", Column("ABOUT").cuts(10).unless_empty(), Column("").wraps(20)});
    for (const auto& alarm : list(events, "alarms"))
        table.add({clock_text(text(alarm, "since"), now), clock_text(text(alarm, "until"), now),
                   text(alarm, "severity"), text(alarm, "kind"), about(alarm),
                   text(alarm, "text")});
    if (table.empty()) return;
    out << '\n';
    table.print(out);
}

void render_warnings(std::ostream& out, const json& answer) {
    for (const auto& warning : list(answer, "warnings"))
        if (warning.is_string())
            out << "warning: " << printable(warning.get<std::string>()) << '\n';
}

void render_refused(std::ostream& out, const json& status) {
    const auto refused = status.find("refused");
    if (refused == status.end() || !refused->is_object() || refused->empty()) return;
    std::string line;
    for (const auto& [reason, count] : refused->items())
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", printable(reason), count.dump());
    out << "not enforced, addresses by reason: " << line << '\n';
}

void render_holds(std::ostream& out, const json& plan, std::size_t lines) {
    for (const auto& hold : list(plan, "holds")) {
        out << '\n'
            << printable(text(hold, "system")) << " is held: " << printable(text(hold, "reason"));
        if (const auto by = text(hold, "refused_by"); !by.empty())
            out << "; refused by " << printable(by);
        out << '\n';
        render_changed(out, hold, "added", "+", lines);
        render_changed(out, hold, "removed", "-", lines);
    }
}

} // namespace sweepgate::cli
