// SPDX-License-Identifier: Apache-2.0
// What a person's change came to: published, held, not in force, and what each gate says of it.
#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "controlplane/cli/gate_wait.hpp"

namespace sweepgate::cli {

/// Of push, rollback, approve and refuse.
void render_decision(std::ostream& out, const nlohmann::json& answer);

///   all  each gate by name; else those that enforce it are summed up when they are many
void render_gate_outcomes(std::ostream& out, const GateWait& wait, bool all);

/// "irc: +3 −1" a line, what is held and why, what was asked and is not in force, and what stops
/// nothing. Of a plan as well.
void render_changed_systems(std::ostream& out, const nlohmann::json& changes);
void render_not_in_force(std::ostream& out, const nlohmann::json& answer);

/// True when what was asked is not wholly in force by what the controller says alone.
[[nodiscard]] bool leaves_something_out(const nlohmann::json& answer);

} // namespace sweepgate::cli
