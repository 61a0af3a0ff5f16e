// SPDX-License-Identifier: Apache-2.0
// The requests by which a person changes what is in force: push, rollback, approve, refuse.
//
//   {"kind": "push", "generation": 29, "generation_before": 28, "policy": 16, "asks": [],
//    "reach": {"before", "after", "opened", "shut"}, "changes": {...}, "holds": [...],
//    "not_in_force": [{"system", "prefix", "place", "reason"}],
//    "idle": [{"system", "why"}]}
//
// With "asks", what wants to be said twice, nothing was changed. Whoever sends the option "ask"
// gets that as an answer, to ask a person; anybody else gets it as an error.
#pragma once

#include <nlohmann/json.hpp>

#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

/// push and rollback.
[[nodiscard]] wire::AdminReply change_policy(Controller& controller,
                                             const Surroundings& surroundings,
                                             const wire::Peer& peer,
                                             const wire::AdminRequest& request);
/// approve and refuse; also "system" and "hold", what was held before.
[[nodiscard]] wire::AdminReply change_hold(Controller& controller, const Surroundings& surroundings,
                                           const wire::Peer& peer,
                                           const wire::AdminRequest& request);

/// Prefixes that policy or lists add and the guard does not let through.
[[nodiscard]] nlohmann::json not_in_force(const SnapshotPlan& plan);

/// Systems that are to be stopped and of which no packet can be, with the reason.
[[nodiscard]] nlohmann::json idle_systems(const Catalog& catalog, const Policy& policy,
                                          const Snapshot& snapshot);

[[nodiscard]] nlohmann::json to_json(const Reach& reach);

} // namespace sweepgate::controller
