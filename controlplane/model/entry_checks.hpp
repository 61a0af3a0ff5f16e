// SPDX-License-Identifier: Apache-2.0
// What makes a list of prefixes sorted and disjoint, checked one step at a time: by validate() and
// the walk that compiles tables for a whole list, by apply() where a delta changes one. A step
// without fault builds no text: lists have 100,000 of them.
#pragma once

#include <string>
#include <string_view>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

/// A length the family has, no host bits, and an IPv4 address that fits 32 bits.
[[nodiscard]] constexpr bool is_well_formed(const Prefix& prefix) {
    const auto& [family, value] = prefix.address;
    return prefix.length <= width(family) && (value & prefix.host_mask()) == 0 &&
           (family == Family::ipv6 || value <= 0xFFFFFFFFU);
}

[[nodiscard]] inline Status check_prefix(const Prefix& prefix) {
    if (is_well_formed(prefix)) return {};
    return fail(Errc::bad_input, "prefix " + to_string(prefix) + " has host bits or a bad length");
}

/// Both are well formed. In a sorted disjoint list the next prefix begins behind the one before.
[[nodiscard]] constexpr bool follows(const Prefix& before, const Prefix& next) {
    return before.last() < next.first();
}

[[nodiscard]] inline Status check_follows(std::string_view what, const Prefix& before,
                                          const Prefix& next) {
    if (follows(before, next)) return {};
    return fail(Errc::bad_input, std::string(what) + ": " + to_string(next) +
                                     " overlaps or precedes " + to_string(before));
}

} // namespace sweepgate
