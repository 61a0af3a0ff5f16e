// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_alarms.hpp"

#include <ostream>

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
            out << "  ... and " << changed.size() - lines << " more\n";
            return;
        }
        out << "  " << mark << ' ' << printable(text(each, "prefix")) << "  "
            << printable(joined(list(each, "names"))) << '\n';
    }
}

} // namespace

void render_alarms(std::ostream& out, const json& answer) {
    Table table({"ALARM", "SYSTEM", "SINCE", ""});
    for (const auto& alarm : list(answer, "alarms"))
        table.add({text(alarm, "kind"), text(alarm, "system"), text(alarm, "since"),
                   text(alarm, "text")});
    if (!table.empty()) {
        out << '\n';
        table.print(out);
    }
    const auto refused = answer.find("refused");
    if (refused == answer.end() || !refused->is_object() || refused->empty()) return;
    out << "not enforced, by reason:";
    for (const auto& [reason, count] : refused->items())
        out << ' ' << printable(reason) << ' ' << count.dump();
    out << '\n';
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
