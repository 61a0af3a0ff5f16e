// SPDX-License-Identifier: Apache-2.0
// Prefixes that may nest, turned into ascending disjoint stretches of the address line in which
// the winner is already known. The tables are built from these and from nothing else.
#pragma once

#include <cstdint>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::filter {

/// What a lookup returns: kUnlisted, kAllowed, or kFirstClass + the snapshot's class index.
using ClassId = std::uint16_t;
inline constexpr ClassId kUnlisted = 0;
inline constexpr ClassId kAllowed = 1;
inline constexpr ClassId kFirstClass = 2;
static_assert(kMaxClasses + kFirstClass <= 0xFFFF);

/// Inclusive; of one family, which the list it stands in names.
struct Stretch {
    Uint128 first = 0;
    Uint128 last = 0;
    std::uint16_t id = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

struct Claim {
    Prefix prefix;
    std::uint16_t id = 0;
};

/// The longest prefix wins each address. Neighbours of one id are joined.
///   claims  of any family, ascending by prefix (address, then length), without duplicates
[[nodiscard]] std::vector<Stretch> flatten_longest(const std::vector<Claim>& claims, Family family);

/// Entries with `allow` cut out of them and put in as kAllowed.
[[nodiscard]] std::vector<Stretch> flatten(const Snapshot& snapshot, Family family);

/// The id of the stretch that holds `value`, or 0.
[[nodiscard]] std::uint16_t find(const std::vector<Stretch>& stretches, Uint128 value) noexcept;

} // namespace sweepgate::filter
