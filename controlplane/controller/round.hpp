// SPDX-License-Identifier: Apache-2.0
// One round of the sweep: every name the policy needs, A and AAAA, plus the SRV owners of the
// catalog, whose targets are resolved in a second pass. The answers become observations.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "controlplane/book/sighting.hpp"
#include "controlplane/catalog/catalog.hpp"
#include "controlplane/policy/policy.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::controller {

/// An SRV owner name and the system whose servers its targets are.
struct SrvOwner {
    std::string system;
    std::string name;

    friend auto operator<=>(const SrvOwner&, const SrvOwner&) = default;
};

[[nodiscard]] std::vector<SrvOwner> srv_owners(const Catalog& catalog, const Policy& policy);

struct Round {
    std::vector<Observation> observations;
    std::map<std::string, std::size_t> outcomes; // "NOERROR" -> questions
    std::size_t questions = 0;
};

/// Errors: unavailable when stopped, and whatever the resolver cannot do. Two names that share a
/// hostname share the question; each gets its observation.
[[nodiscard]] Result<Round> sweep_round(Sweeper& sweeper, std::span<const BookName> names,
                                        std::span<const SrvOwner> owners, Instant now,
                                        const std::function<bool()>& stop_requested);

} // namespace sweepgate::controller
