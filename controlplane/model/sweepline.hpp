// SPDX-License-Identifier: Apache-2.0
// Overlapping listings in, disjoint stretches of the address line out.
#pragma once

#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

struct Stretch {
    Range range;
    AddressClass address_class;
};

/// Walks the ends of all listings in address order and closes a stretch wherever what covers it
/// changes. Neighbours of one class are joined, so equal address sets give equal stretches.
[[nodiscard]] std::vector<Stretch> flatten(const std::vector<Listing>& listings);

} // namespace sweepgate
