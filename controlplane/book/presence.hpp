// SPDX-License-Identifier: Apache-2.0
// Whether an address that is missing from a name's answers has gone, or whether its turn has only
// not come: a pool of 200 that hands out 8 at a time leaves each out 24 times of 25.
//
// The test asks nothing of how the name rotates. Of the `draws` answers since its span began, the
// address was in `hits` and is missing from the last `missed`. Were the hits spread by chance, all
// of them would fall before those last ones with the probability
//     C(draws - missed, hits) / C(draws, hits)
// (hypergeometric). Below kByChance that is no chance: the address has gone. One that was in each
// of 20 answers has gone after 8 without it, of 10 after 13, of 2 after 1,413; one that was in 40
// of 1,000 after 405.
//
// Known limit: a set that each vantage point sees another part of looks as if it rotated, and what
// only one of them is given looks gone while that one is silent for long.
#pragma once

#include <cstdint>

namespace sweepgate {

/// One address under one name, in fresh answers after the one that began its span.
struct Presence {
    std::uint64_t draws = 0;
    std::uint64_t hits = 0;   // that held the address
    std::uint64_t missed = 0; // the last ones, all without it
};

/// False alarms of a name that rotates: one in so many returns of an address.
inline constexpr double kByChance = 1e-6;

[[nodiscard]] bool has_gone(const Presence& presence);

} // namespace sweepgate
