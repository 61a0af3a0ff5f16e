// SPDX-License-Identifier: Apache-2.0
// Random snapshots and flows that hit each other often: few networks, dense listings, overlaps,
// every scope, group, action and family. The same seed gives the same values everywhere.
#pragma once

#include <random>

#include "controlplane/model/judge.hpp"

namespace sweepgate::testing {

/// Parts over 198.51.100.0/24, 203.0.113.0/24 and 2001:db8:0:1::/64; clients in 192.0.2.0/24 and
/// 2001:db8:0:2::/64.
[[nodiscard]] SnapshotParts random_parts(std::mt19937& random);
[[nodiscard]] Snapshot random_snapshot(std::mt19937& random, Generation generation);
/// Both ends of one family, biased to the networks above and to ports in use.
[[nodiscard]] Flow random_flow(std::mt19937& random);
[[nodiscard]] Address random_address(std::mt19937& random, Family family);

} // namespace sweepgate::testing
