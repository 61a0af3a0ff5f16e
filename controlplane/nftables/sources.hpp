// SPDX-License-Identifier: Apache-2.0
// The source prefixes of all groups as disjoint ranges: the longest matching prefix over all
// groups decides, so a narrower prefix cuts a hole into a wider one of another group.
#pragma once

#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::nftables {

struct GroupRange {
    Range range;
    GroupIndex group = kEveryone;

    friend bool operator==(const GroupRange&, const GroupRange&) = default;
};

/// Ascending and disjoint; neighbours of one group are joined. Addresses of no group are absent.
[[nodiscard]] std::vector<GroupRange> flatten_sources(const Ruleset& rules);

} // namespace sweepgate::nftables
