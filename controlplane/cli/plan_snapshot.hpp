// SPDX-License-Identifier: Apache-2.0
// `sweepgate plan POLICY --snapshot FILE`: the snapshot that a policy would become, in a file to
// try it with. FILE.pub is the key that opens it; no gate trusts that key.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "controlplane/cli/connection.hpp"

namespace sweepgate::cli {

/// Asks, writes both files and says so; both are replaced when they exist.
///   policy   text; empty: the policy in force
///   json     what was written as one JSON object
/// Errors: those of the controller; io naming the file; bad_input when the answer makes no sense.
[[nodiscard]] Status save_planned(const Connection& connection, const std::string& policy,
                                  const std::filesystem::path& path, bool json, std::ostream& out);

} // namespace sweepgate::cli
