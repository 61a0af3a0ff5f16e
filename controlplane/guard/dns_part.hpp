// SPDX-License-Identifier: Apache-2.0
// The part of a snapshot that DNS decides, name by name, and what of it was let through. Only this
// part is ever held back: what a policy, a list or the catalog lists comes and goes at once.
//
//   good   published. It stays until it is let go: a change past the bounds leaves it as it is.
//   seen   DNS gives it now, and the guard would list it.
//
// While nothing is held the two are one. A person's change is told from DNS's by reading the same
// book twice, under what was in force and under what is decided: the difference is the person's and
// becomes good at once (take_decision). So a hold outlives a change of the same system, and no
// change is ever held.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "controlplane/book/sighting.hpp"

namespace sweepgate {

struct DnsListing {
    BookName name;
    Address address;
    Scope scope = Scope::exclusive; // as it was last judged
    bool good = false;
    bool seen = false;

    friend bool operator==(const DnsListing&, const DnsListing&) = default;
    /// A name that moves between a system's own and its shared ones stays the same.
    [[nodiscard]] auto key() const { return std::tie(name.system, name.hostname, address); }
};

/// Sorted by key, unique; each is good or seen.
using DnsPart = std::vector<DnsListing>;

/// Since when names are asked for. Those asked for lately were put there by a person and fill up
/// freely.
using NamesAsked = std::map<BookName, Instant>;

/// Addresses by system id; each sorted and unique.
using AddressSets = std::map<std::string, std::vector<Address>, std::less<>>;

/// Sorts by key; of two with one key, either flag and the newer scope stay.
[[nodiscard]] DnsPart in_order(DnsPart part);

/// `held` with what is seen now: the flags `good` of one and `seen` of the other.
[[nodiscard]] DnsPart with_seen(const DnsPart& held, const DnsPart& seen);

/// `before` and `after` are the same book read under what was in force and under what is decided.
/// What only `after` sees has become good, what only `before` saw is so no more.
[[nodiscard]] DnsPart take_decision(const DnsPart& before, const DnsPart& after);

} // namespace sweepgate
