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
    Table table({Column("TIME").rank(1), Column("WHO").cuts(8), Column("SEEN AS").rank(2).wraps(12),
                 "WHAT", Column("DETAIL").wraps(12), Column("RESULT").wraps(12)});
    for (const auto& entry : list(audit, "audit"))
        table.add({clock_text(text(entry, "time"), this_second()), text(entry, "who"),
                   text(entry, "origin"), text(entry, "verb"), text(entry, "detail"),
                   text(entry, "result")});
    table.print(out);
}

void render_audit_proof(std::ostream& out, const json& proof) {
    const auto whole = proof.value("whole", 0U);
    if (whole == 0)
        out << "no entry has a hash yet\n";
    else
        out << fmt::format("{} {} as written, from {} to {}; the last is {}, {}\n", whole,
                           whole == 1 ? "entry is" : "entries are", text(proof, "first"),
                           text(proof, "last"), text(proof, "head"),
                           text(proof, "hash").substr(0, 12));
    if (const auto older = proof.value("unchained", 0U); older > 0)
        out << fmt::format("{} older {} no hash\n", older,
                           older == 1 ? "entry has" : "entries have");
}

void render_generations(std::ostream& out, const json& generations) {
    Table table({">GENERATION", "TIME", Column("CAUSE").wraps(14), Column("DIGEST").rank(1)});
    for (const auto& entry : list(generations, "generations"))
        table.add({text(entry, "generation"), text(entry, "time"), text(entry, "cause"),
                   text(entry, "digest").substr(0, 12)});
    table.print(out);
}

} // namespace sweepgate::cli
