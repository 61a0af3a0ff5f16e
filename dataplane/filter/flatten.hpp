// SPDX-License-Identifier: Apache-2.0
// Prefixes turned into ascending disjoint stretches of the address line in which the winner is
// already known. The tables are built from these and from nothing else.
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
template <typename Bits>
struct BasicStretch {
    Bits first = 0;
    Bits last = 0;
    std::uint16_t id = 0;
    friend bool operator==(const BasicStretch&, const BasicStretch&) = default;
};
using Stretch = BasicStretch<Uint128>;
using Stretch4 = BasicStretch<std::uint32_t>;

struct Claim {
    Prefix prefix;
    std::uint16_t id = 0;
};

/// The longest prefix wins each address. Neighbours of one id are joined.
///   claims  of any family, ascending by prefix (address, then length), without duplicates
[[nodiscard]] std::vector<Stretch> flatten_longest(const std::vector<Claim>& claims, Family family);

/// The snapshot's entries of one family, with `allow` cut out of them and put in as kAllowed.
/// Both are disjoint and sorted already, so this is one walk over the two, and the walk that checks
/// the entries: together the two functions refuse what validate() refuses of them.
///   snapshot  its rules pass validate()
/// Errors: bad_input naming the entry.
[[nodiscard]] Result<std::vector<Stretch4>> flatten_ipv4(const Snapshot& snapshot);
[[nodiscard]] Result<std::vector<Stretch>> flatten_ipv6(const Snapshot& snapshot);

/// The id of the stretch that holds `value`, or 0.
[[nodiscard]] std::uint16_t find(const std::vector<Stretch>& stretches, Uint128 value) noexcept;

} // namespace sweepgate::filter
