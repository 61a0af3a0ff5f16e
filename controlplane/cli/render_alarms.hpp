// SPDX-License-Identifier: Apache-2.0
// What the guard wants somebody to look at.
#pragma once

#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

#include "controlplane/cli/timeline.hpp"

namespace sweepgate::cli {

/// Of a status: the alarms that stand, but for those that its verdict names. Nothing where there is
/// none.
void render_standing_alarms(std::ostream& out, const nlohmann::json& status, Instant now);
/// Of events: the alarms as they came, and when they ended.
void render_raised_alarms(std::ostream& out, const nlohmann::json& events, Instant now);
/// Of a status: how many addresses are not enforced, by reason.
void render_refused(std::ostream& out, const nlohmann::json& status);

/// Of any answer: what lists lost, a line each.
void render_warnings(std::ostream& out, const nlohmann::json& answer);

/// Of a plan: held systems, and what would come and go by name.
void render_holds(std::ostream& out, const nlohmann::json& plan, std::size_t lines);

} // namespace sweepgate::cli
