// SPDX-License-Identifier: Apache-2.0
// What is never hit, and why: what `why` tells of an address that passes whatever lists it.
#pragma once

#include <string>
#include <vector>

#include "controlplane/guard/guard.hpp"

namespace sweepgate {

struct Exception {
    Prefix prefix;
    Refusal because = Refusal::none; // own_network, never_block, in_use, sanctioned, protected_host
    std::string what;                // "www.chase.com (bank)", "resolver", "Sametime"
};

/// Sorted by prefix.
[[nodiscard]] std::vector<Exception> exceptions_of(const GuardContext& context);

} // namespace sweepgate
