// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_changes.hpp"

#include <array>
#include <ostream>

#include <fmt/format.h>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/table.hpp"

namespace sweepgate::cli {

using nlohmann::json;

namespace {

struct Kind {
    const char* key;
    const char* mark;
    const char* remark;
};

constexpr std::array<Kind, 4> kKinds = {{{"added", "+", ""},
                                         {"removed", "-", ""},
                                         {"now_shared", "~", "now on the system's own ports only"},
                                         {"now_exclusive", "~", "now on every port"}}};

std::string counts(const json& system) {
    return fmt::format("{} added, {} removed", list(system, "added").size(),
                       list(system, "removed").size());
}

} // namespace

void render_changes(std::ostream& out, const json& changes, std::size_t lines) {
    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t rescoped = 0;
    std::size_t hidden = number(changes, "left_out");
    Table table({"", Column("SYSTEM").cuts(8), Column("PREFIX").wraps(18), Column("FROM").wraps(12),
                 Column("").wraps(12).unless_empty()});
    std::size_t shown = 0;
    for (const auto& system : list(changes, "systems")) {
        added += list(system, "added").size();
        removed += list(system, "removed").size();
        rescoped += list(system, "now_shared").size() + list(system, "now_exclusive").size();
        for (const auto& kind : kKinds)
            for (const auto& each : list(system, kind.key)) {
                if (shown == lines) {
                    ++hidden;
                    continue;
                }
                ++shown;
                const auto place = text(each, "place"); // what is listed has no name
                table.add({kind.mark, text(system, "system"), text(each, "prefix"),
                           place.empty() ? joined(list(each, "names")) : place, kind.remark});
            }
    }
    out << fmt::format("{} added, {} removed", added, removed);
    if (rescoped > 0) out << fmt::format(", {} with another scope", rescoped);
    out << '\n';
    if (list(changes, "systems").size() > 1)
        for (const auto& system : list(changes, "systems"))
            out << "  " << printable(text(system, "system")) << ": " << counts(system) << '\n';
    if (!table.empty()) table.print(out);
    if (hidden > 0) out << "… and " << hidden << " more (--all)\n";
}

void render_diff(std::ostream& out, const json& diff, std::size_t lines) {
    out << fmt::format("generation {} to {}: ", number(diff, "from"), number(diff, "to"));
    render_changes(out, diff, lines);
}

} // namespace sweepgate::cli
