// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/presence.hpp"

#include <algorithm>

namespace sweepgate {

// C(n - m, h) / C(n, h) is the product of (n - m - i) / (n - i) over i < h, and the same with m and
// h exchanged: the shorter product is taken, and it ends as soon as it has fallen low enough.
bool has_gone(const Presence& presence) {
    const auto [draws, hits, missed] = presence;
    if (missed > draws || hits > draws - missed) return false; // counts that contradict each other
    const auto factors = std::min(hits, missed);
    const auto taken = std::max(hits, missed);
    double chance = 1;
    for (std::uint64_t i = 0; i < factors && chance >= kByChance; ++i)
        chance *= static_cast<double>(draws - taken - i) / static_cast<double>(draws - i);
    return chance < kByChance;
}

} // namespace sweepgate
