// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what came and went, of a plan and between two generations.
#pragma once

#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

///   changes  {"systems": [{"system", "added", "removed", "now_shared", "now_exclusive"}],
///            "left_out"}; each a list of {"prefix", "names"}
///   lines    at most, of all systems together; what is left out is said
void render_changes(std::ostream& out, const nlohmann::json& changes, std::size_t lines);

} // namespace sweepgate::cli
