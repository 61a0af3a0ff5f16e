// SPDX-License-Identifier: Apache-2.0
// The controller's JSON as text for people. A key that an older controller does not send is
// shown as empty, never as a failure.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

/// `all` shows a row for every system; else those that few packets or no address speak for are told
/// in one line.
void render_status(std::ostream& out, const nlohmann::json& status, std::chrono::sys_seconds now,
                   bool all);
void render_why(std::ostream& out, const nlohmann::json& why);
/// `lines` bounds each of the lists of additions, removals and refusals; without a bound systems
/// that stay as they are have rows of their own too.
void render_plan(std::ostream& out, const nlohmann::json& plan, std::size_t lines);
/// What came and went between two generations; `lines` bounds the list.
void render_diff(std::ostream& out, const nlohmann::json& diff, std::size_t lines);
/// A line of time for each address of a name, or each name of an address, up to `now`.
void render_history(std::ostream& out, const nlohmann::json& history, std::chrono::sys_seconds now);
void render_top(std::ostream& out, const nlohmann::json& top);
void render_events(std::ostream& out, const nlohmann::json& events, std::chrono::sys_seconds now);
/// One event as a line of its own, for whoever follows them.
[[nodiscard]] std::string event_line(const nlohmann::json& event);
void render_audit(std::ostream& out, const nlohmann::json& audit);
void render_audit_proof(std::ostream& out, const nlohmann::json& proof);
void render_generations(std::ostream& out, const nlohmann::json& generations);

} // namespace sweepgate::cli
