// SPDX-License-Identifier: Apache-2.0
// How much a change opens and shuts, whoever makes it. A slip of the pen is known by its sum, not
// by one line of it: 223 prefixes of /8 are each within bounds.
//
// A prefix is opened when some group gets through on some port at some hour where it did not, be it
// because the prefix is no longer listed, is allowed first, or because of a milder action; shut is
// the same the other way round.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// Addresses; of IPv6 the /64 networks that they touch.
struct Space {
    Uint128 ipv4 = 0;
    Uint128 ipv6 = 0;
};

struct Reach {
    std::size_t before = 0;         // prefixes that stopped anything
    std::size_t after = 0;          // that do so now
    std::size_t opened = 0;         // of those before
    std::size_t shut = 0;           // of those after
    std::size_t opened_in_part = 0; // of opened: the rest of it stays shut
    std::size_t shut_in_part = 0;   // of shut: the rest of it was shut before
    Space newly_shut;
    Space all_before; // of what stops anything
    Space all_after;
};

/// What lies behind one of `nat64` counts in its IPv4 form alone.
[[nodiscard]] Reach reach_of(const Snapshot& from, const Snapshot& to,
                             std::span<const Prefix> nat64 = {});

/// What of it a person should say twice, one sentence each; nothing within the bounds:
///   opened      more than most_shrink_percent of the prefixes, and more than small_set of them
///   newly shut  more addresses than a prefix of most_shut_ipv4 (most_shut_ipv6) bits has
///   in sum      four times as much, whenever a change gets past that
[[nodiscard]] std::vector<std::string> excesses(const Reach& reach, const ChangeBounds& bounds);

/// "opens 3 of 864 prefixes (1 in part), shuts 4", "opens nothing, shuts nothing".
[[nodiscard]] std::string words_of(const Reach& reach);

} // namespace sweepgate
