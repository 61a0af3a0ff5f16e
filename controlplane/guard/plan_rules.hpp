// SPDX-License-Identifier: Apache-2.0
// Internal to the guard: what a policy decides, without any address.
#pragma once

#include <map>
#include <string>

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

/// Systems that the policy does not simply pass, with their place in SnapshotParts::systems.
using SystemPlaces = std::map<std::string, SystemIndex>;

/// Its names are asked of DNS: to enforce it, or to leave it alone.
[[nodiscard]] bool is_swept(const Policy& policy, const CatalogSystem& entry);
/// Its published prefixes count.
[[nodiscard]] bool lists_prefixes(const Policy& policy, const CatalogSystem& entry);

/// Systems, groups, actions and schedules; no listings.
[[nodiscard]] SnapshotParts rules_of(const Catalog& catalog, const Policy& policy,
                                     SystemPlaces& places);

} // namespace sweepgate
