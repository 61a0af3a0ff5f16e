// SPDX-License-Identifier: Apache-2.0
// Alarms about names: systems of which nothing can be asked, addresses that wait too long to be
// seen by a second resolver.
#pragma once

#include <span>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/controller/alarms.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate::controller {

inline constexpr std::uint64_t kFailingAfter = 3; // failures in a row of each name

/// One for each system of which every name fails; of `asked` names only.
[[nodiscard]] std::vector<Alarm> failing_systems(std::span<const NameState> names,
                                                 std::span<const BookName> asked, Instant now);

/// One for each system of which an address has waited for a second resolver for `most`, or, where
/// its TTL lets the wait take more than ten times as long, until the other resolvers had their
/// turn.
[[nodiscard]] std::vector<Alarm> quorum_waits(const SnapshotPlan& plan, std::chrono::seconds most,
                                              Instant now);

} // namespace sweepgate::controller
