// SPDX-License-Identifier: Apache-2.0
// What is filed of policies, and the way to another one.
//
//   {"number": 7, "file": "held.toml", "author": "alice", "message": "", "time": "...", "digest":
//    "...", "cause": "rollback", "back_to": 2, "in_force": true, "lists": [{"name": "as64500.txt",
//    "format": "plain", "digest": "...", "bytes": 1800}]}
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "controlplane/controller/controller.hpp"
#include "controlplane/wire/admin.hpp"

namespace sweepgate::controller {

[[nodiscard]] nlohmann::json to_json(const FiledPolicy& policy, std::uint64_t in_force);
/// {"generation", "policy": number, "filed": as above, "unchanged", "back_to": as above or null,
/// "added", "removed", "before": prefixes by system, "warnings": [text]}.
[[nodiscard]] nlohmann::json to_json(const PolicyChange& change);
/// What the audit keeps of it: "policy 7 (held.toml): why; +12 -3".
[[nodiscard]] std::string audit_detail(const PolicyChange& change);

/// {"policies": [as above], "in_force": number}, the newest first.
[[nodiscard]] wire::AdminReply policies(const Controller& controller);
///   argument  a number; "": the one in force
///   returns   as above with "text" and, of each list, "text"
[[nodiscard]] wire::AdminReply policy(const Controller& controller, const std::string& argument);
///   argument  "A B"; "A": from A to the one in force; "": the one before to the one in force
///   returns   {"from", "to": as above, "lines": of text_diff(), "added", "removed": lines,
///             "lists": [{"name", "change": "added", "removed" or "changed"}]}
[[nodiscard]] wire::AdminReply policy_diff(const Controller& controller,
                                           const std::string& argument);

} // namespace sweepgate::controller
