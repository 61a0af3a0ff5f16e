// SPDX-License-Identifier: Apache-2.0
// A system that is blocked over IPv4 alone is not blocked: its clients take the other family.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/guard/snapshot_plan.hpp"

namespace sweepgate {

struct ParityAlarm {
    std::string system;
    std::string words;
};

/// Enforced systems that answer AAAA while nothing of it is enforced, and those whose AAAA
/// questions have all failed so that nobody knows. Sorted by system.
[[nodiscard]] std::vector<ParityAlarm> check_parity(const SnapshotPlan& plan,
                                                    std::span<const NameState> names);

} // namespace sweepgate
