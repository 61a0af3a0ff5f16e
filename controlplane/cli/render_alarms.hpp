// SPDX-License-Identifier: Apache-2.0
// What the guard wants somebody to look at.
#pragma once

#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

/// Nothing where there is none. `answer` is that of status (alarms that stand, what is refused by
/// reason) or of events (alarms as they came).
void render_alarms(std::ostream& out, const nlohmann::json& answer);

/// Of a plan: held systems, and what would come and go by name.
void render_holds(std::ostream& out, const nlohmann::json& plan, std::size_t lines);

} // namespace sweepgate::cli
