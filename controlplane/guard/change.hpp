// SPDX-License-Identifier: Apache-2.0
// DNS may not empty, shrink or grow a system's address set past its bounds by itself: the last good
// set stays until a person approves.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/dns_part.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// The addresses of a snapshot without those that the catalog's static prefixes list anyway.
///   nat64   what lies behind these stands in the snapshot in its own form as well
[[nodiscard]] AddressSets address_sets(const Snapshot& snapshot, const Catalog& catalog,
                                       std::span<const Prefix> nat64 = {});
[[nodiscard]] AddressSets address_sets(const SnapshotParts& parts, const Catalog& catalog);

struct Hold {
    std::string system;
    std::size_t before = 0; // addresses
    std::size_t after = 0;
    std::string reason;
    std::vector<Address> added; // what would come and go; sorted
    std::vector<Address> removed;
    std::string refused_by; // who refused just this; empty while somebody has to decide
};

/// A system that `before` does not have is new and never held; one in `learning` may grow freely,
/// and what is in `free` counts as no growth. Becoming empty is always held.
[[nodiscard]] std::vector<Hold> check_change(const AddressSets& before, const AddressSets& after,
                                             const ChangeBounds& bounds,
                                             const std::set<std::string>& learning = {},
                                             const AddressSets& free = {});

} // namespace sweepgate
