// SPDX-License-Identifier: Apache-2.0
// Sets of addresses as sorted, disjoint ranges: what merge() gives.
#pragma once

#include <vector>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

using Ranges = std::vector<Range>;

/// What is in `whole` and not in `less`.
[[nodiscard]] Ranges subtract(const Ranges& whole, const Ranges& less);
[[nodiscard]] Ranges intersect(const Ranges& a, const Ranges& b);

/// The fewest prefixes that cover what is in `prefix` and not in `less`.
[[nodiscard]] std::vector<Prefix> without(const Prefix& prefix, const Ranges& less);

} // namespace sweepgate
