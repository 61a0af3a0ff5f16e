// SPDX-License-Identifier: Apache-2.0
// The controller's JSON as text for people. A key that an older controller does not send is
// shown as empty, never as a failure.
#pragma once

#include <chrono>
#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

/// `all` shows systems without an address in force as well.
void render_status(std::ostream& out, const nlohmann::json& status, bool all);
void render_why(std::ostream& out, const nlohmann::json& why);
/// `lines` bounds each of the lists of additions, removals and refusals.
void render_plan(std::ostream& out, const nlohmann::json& plan, std::size_t lines);
/// What came and went between two generations; `lines` bounds the list.
void render_diff(std::ostream& out, const nlohmann::json& diff, std::size_t lines);
/// A line of time for each address of a name, or each name of an address, up to `now`.
void render_history(std::ostream& out, const nlohmann::json& history, std::chrono::sys_seconds now);
void render_top(std::ostream& out, const nlohmann::json& top);
void render_events(std::ostream& out, const nlohmann::json& events);
void render_audit(std::ostream& out, const nlohmann::json& audit);
void render_generations(std::ostream& out, const nlohmann::json& generations);

} // namespace sweepgate::cli
