// SPDX-License-Identifier: Apache-2.0
// What one class means to each group, cut into the passes of the compiled rules.
#pragma once

#include <vector>

#include "controlplane/nftables/names.hpp"

namespace sweepgate::nftables {

struct Hit {
    Action action = Action::pass;
    SystemIndex system = kNoSystem;

    friend bool operator==(const Hit&, const Hit&) = default;
};

/// In the order in which they are tried: most severe first, then the lowest system index.
using Outcome = std::vector<Hit>;

struct Treatment {
    std::vector<Outcome> groups; // [group]

    [[nodiscard]] bool does_anything() const;
    [[nodiscard]] bool treats_all_alike() const;
};

/// For an exclusive class an outcome has at most one hit: nothing behind it could be reached.
[[nodiscard]] Treatment treatment_of(const Ruleset& rules, const AddressClass& address_class,
                                     Tier tier);

} // namespace sweepgate::nftables
