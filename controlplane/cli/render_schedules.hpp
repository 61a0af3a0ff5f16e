// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what plan and why say of schedules.
#pragma once

#include <iosfwd>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

/// {"everyone": "drop", "guests": "reject"} -> "drop, guests reject".
[[nodiscard]] std::string actions(const nlohmann::json& by_group);
/// {"everyone": "drop", "guests": "drop"} -> "everyone drop, guests drop".
[[nodiscard]] std::string said_by(const nlohmann::json& by_group);
/// Each schedule of a plan with the systems that it names, at most `lines` of each.
void render_schedules(std::ostream& out, const nlohmann::json& plan, std::size_t lines);
/// What `plan --at` asked for, and when that ends.
void render_at(std::ostream& out, const nlohmann::json& at);

} // namespace sweepgate::cli
