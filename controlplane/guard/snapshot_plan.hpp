// SPDX-License-Identifier: Apache-2.0
// From catalog, policy and address book to what a snapshot is built from.
//
//     book.in_force(now) --> assemble() --> build_snapshot() --> sign, publish
//                               |--> judgements, holds: `plan` and `why`
//                               '--> dns: what DNS decided, for the next time
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/guard/change.hpp"
#include "controlplane/guard/exception.hpp"
#include "controlplane/guard/guard.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// Every name that a policy needs resolved, sorted: servers and shared names of the systems it
/// does not simply pass, protected hosts, sanctioned servers, the never-block list. SRV owners
/// (CatalogSystem::srv) are asked beside these; their targets enter the book as Role::service.
[[nodiscard]] std::vector<BookName> names_to_sweep(const Catalog& catalog, const Policy& policy);

/// What an administrator has refused of one system; who and when, by address. Outlives a restart.
struct AdminRefusal {
    std::map<Address, std::string> added;   // not to be enforced
    std::map<Address, std::string> removed; // their going is not to be followed

    /// Who refused all of that hold, or "" when there is more in it.
    [[nodiscard]] std::string by(const Hold& hold) const;
};

/// What was last published, so that a wild change of DNS can be held.
struct LastGood {
    const Snapshot* snapshot = nullptr; // none: nothing is held
    std::set<std::string> approved;     // ids of systems whose change a person has approved
    std::map<std::string, AdminRefusal> refused = {}; // by system id
    /// What of it DNS had decided. Null: whatever in `snapshot` no listed prefix covers.
    const DnsPart* dns = nullptr;
    /// Not DNS has moved since `dns` was seen but catalog or policy: see take_decision().
    bool decided = false;
    NamesAsked asked = {}; // a name that is missing was asked for long ago
};

struct SnapshotPlan {
    SnapshotParts parts;               // in one form each: translated_parts() has both
    std::vector<Judgement> judgements; // every candidate, refused ones with their reason
    std::vector<Hold> holds;           // of these systems `parts` has what DNS gave last
    DnsPart dns;                       // to remember once this is published
    /// Behind these everything in `parts` is meant as well (translated.hpp).
    std::vector<Prefix> nat64;
    std::string untranslated; // why it is not, where that would be too much; in words

    std::vector<Exception> exceptions; // what is never hit, whatever lists it

    /// What to build the snapshot from.
    [[nodiscard]] SnapshotParts translated_parts() const;
    [[nodiscard]] std::vector<Judgement> refused() const;
    [[nodiscard]] std::map<Refusal, std::size_t> refused_by_reason() const;
};

/// `entries` is all of the book in force: protected, sanctioned and never-block names in it are
/// added to `context`, and so is what the policy lists. `context` brings what only the machine
/// knows: resolvers and gateways in use, learnt sinkholes.
/// Errors: bad_input past a bound of the snapshot.
[[nodiscard]] Result<SnapshotPlan> assemble(const Catalog& catalog, const Policy& policy,
                                            std::span<const BookEntry> entries,
                                            GuardContext context, const LastGood& last_good = {});

/// `last_good.dns` as DNS stands now, under this catalog and policy: what a decision is taken from.
[[nodiscard]] DnsPart dns_part(const Catalog& catalog, const Policy& policy,
                               std::span<const BookEntry> entries, GuardContext context,
                               const LastGood& last_good);

/// For a state that knows its last snapshot only: whatever of it no listed prefix covers is good.
/// `names` gives the names under which a system's address was ever found; where there are none it
/// was not DNS that brought it.
[[nodiscard]] DnsPart
dns_part_of(const Snapshot& snapshot, const Catalog& catalog, const Policy& policy,
            const std::function<std::vector<BookName>(const std::string&, const Address&)>& names);

} // namespace sweepgate
