// SPDX-License-Identifier: Apache-2.0
// Internal to the guard: what catalog, policy and book say about addresses that must not be hit,
// and the candidates that may be.
#pragma once

#include <span>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/guard.hpp"
#include "controlplane/guard/plan_rules.hpp"

namespace sweepgate {

using EntryPointers = std::vector<const BookEntry*>;

/// Adds what catalog and policy say: own networks, zones, networks, sanctioned prefixes.
void add_policy(const Catalog& catalog, const Policy& policy, GuardContext& context);
/// Adds addresses of names that are to be left alone.
void add_entries(const Catalog& catalog, const EntryPointers& entries, const SystemPlaces& places,
                 GuardContext& context);

/// What the book and the catalog would have enforced.
/// An address behind NAT64 counts for the IPv4 one in it, under one name together with it.
///   published  what is out, or nullptr: its addresses need no quorum
[[nodiscard]] std::vector<Candidate> candidates_of(const Catalog& catalog, const Policy& policy,
                                                   const EntryPointers& entries,
                                                   const SystemPlaces& places,
                                                   const Snapshot* published);

[[nodiscard]] bool holds_system(const Ruleset& rules, const AddressClass& address_class,
                                const std::string& id);

} // namespace sweepgate
