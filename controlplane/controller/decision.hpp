// SPDX-License-Identifier: Apache-2.0
// A person's change of what is in force, and what came of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controlplane/guard/reach.hpp"
#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/guard/translated.hpp"

namespace sweepgate::controller {

struct Decided {
    Generation generation = 0; // in force now: what gates are to hold
    std::uint64_t policy = 0;  // its number
    Reach reach;               // against what was in force before
    /// Of excesses(): nothing was changed, because nobody said yes.
    std::vector<std::string> asks;
    std::shared_ptr<const Snapshot> before; // null: it was the first
    std::shared_ptr<const SnapshotPlan> plan_before;
    std::shared_ptr<const Snapshot> after;
    std::shared_ptr<const SnapshotPlan> plan;

    /// What was and is translated: told in one form.
    [[nodiscard]] std::vector<Prefix> nat64() const {
        return before && plan_before && plan ? common_translations(plan_before->nat64, plan->nat64)
               : plan                        ? plan->nat64
                                             : std::vector<Prefix>{};
    }
};

/// "opens 859 of 859 prefixes, more than 30 %: nothing was changed; ...": of Decided::asks.
[[nodiscard]] Error not_said(const std::vector<std::string>& asks);

} // namespace sweepgate::controller
