// SPDX-License-Identifier: Apache-2.0
// Filed policies as text.
#pragma once

#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

void render_policies(std::ostream& out, const nlohmann::json& answer);
/// The policy itself; what is known of it stands in comments, so that it can be pushed again.
void render_policy(std::ostream& out, const nlohmann::json& answer);
void render_policy_diff(std::ostream& out, const nlohmann::json& answer);
/// "rolled back to policy 2 (held.toml, alice, 2026-11-30T19:21:00Z), filed as 7: ...".
void render_rollback(std::ostream& out, const nlohmann::json& answer);

} // namespace sweepgate::cli
