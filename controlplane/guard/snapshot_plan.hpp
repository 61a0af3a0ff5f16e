// SPDX-License-Identifier: Apache-2.0
// From catalog, policy and address book to what a snapshot is built from.
//
//     book.in_force(now) --> assemble() --> build_snapshot() --> sign, publish
//                               |--> judgements, holds: `plan` and `why`
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/change.hpp"
#include "controlplane/guard/guard.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// Every name that a policy needs resolved, sorted: servers and shared names of the systems it
/// does not simply pass, protected hosts, sanctioned servers, the never-block list. SRV owners
/// (CatalogSystem::srv) are asked beside these; their targets enter the book as Role::service.
[[nodiscard]] std::vector<BookName> names_to_sweep(const Catalog& catalog, const Policy& policy);

/// What was last published, so that a wild change can be held.
struct LastGood {
    const Snapshot* snapshot = nullptr; // none: nothing is held
    std::set<std::string> approved;     // ids of systems whose change a person has approved
};

struct SnapshotPlan {
    SnapshotParts parts;               // ready for build_snapshot
    std::vector<Judgement> judgements; // every candidate, refused ones with their reason
    std::vector<Hold> holds;           // these systems keep the last good set in `parts`

    [[nodiscard]] std::vector<Judgement> refused() const;
};

/// `entries` is all of the book in force: protected, sanctioned and never-block names in it are
/// added to `context`, and so is what the policy lists. `context` brings what only the machine
/// knows: resolvers and gateways in use, learnt sinkholes.
/// Errors: bad_input past a bound of the snapshot.
[[nodiscard]] Result<SnapshotPlan> assemble(const Catalog& catalog, const Policy& policy,
                                            std::span<const BookEntry> entries,
                                            GuardContext context, const LastGood& last_good = {});

} // namespace sweepgate
