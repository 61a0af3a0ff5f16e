// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "controlplane/cli/fields.hpp"
#include "controlplane/cli/table.hpp"
#include "controlplane/cli/timeline.hpp"

namespace sweepgate::cli {

using nlohmann::json;

void render_audit(std::ostream& out, const json& audit) {
    Table table({Column("TIME").rank(1), Column("WHO").cuts(8), "WHAT", Column("DETAIL").wraps(12),
                 Column("RESULT").wraps(12)});
    for (const auto& entry : list(audit, "audit"))
        table.add({clock_text(text(entry, "time"), this_second()), text(entry, "who"),
                   text(entry, "verb"), text(entry, "detail"), text(entry, "result")});
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
