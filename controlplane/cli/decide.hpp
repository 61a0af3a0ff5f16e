// SPDX-License-Identifier: Apache-2.0
// A change of what is in force, as typed: asks where it goes past the bounds, says what became of
// it and waits for the gates.
#pragma once

#include <string>

#include "controlplane/cli/connection.hpp"

namespace sweepgate::cli {

/// Published, but not (yet) enforced by every gate, or not all of what was asked.
inline constexpr int kNotInForce = 4;

struct DecisionRequest {
    std::string verb; // push, rollback, approve, refuse
    std::string argument;
    std::string file;    // as typed
    std::string message; // why
    bool yes = false;
    double wait_seconds = 5; // 0: not at all
    bool json = false;
    bool all = false; // every gate by name
};

/// Returns the exit code.
[[nodiscard]] int decide(const Connection& connection, const DecisionRequest& request);

/// The policy's text, never a blank one, which would quietly mean all defaults. Errors: io;
/// bad_input for a blank one.
[[nodiscard]] Result<std::string> policy_to_read(const std::string& path, const char* verb_done);

} // namespace sweepgate::cli
