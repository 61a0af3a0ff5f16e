// SPDX-License-Identifier: Apache-2.0
// Which addresses are a filtering resolver's block page, learnt by asking for names that cannot
// exist: a random label under top-level domains and under the vendors' own zones. Whoever answers
// the first forges. An answer below a vendor's zone may be the vendor's wildcard; it is forged when
// another resolver denies the same name, or when names of unrelated operators have the same
// address.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "controlplane/guard/guard.hpp"

namespace sweepgate {

/// What one resolver said of one name that cannot exist, in one family.
struct CanaryAnswer {
    std::string resolver;
    std::string hostname;      // "q7x...k2.com"
    std::string operator_name; // of the vendor whose zone it is in; empty: a top-level domain
    bool denied = false;       // NXDOMAIN or NODATA; neither denied nor addresses: no answer
    bool filtered = false;     // the resolver itself says so (RFC 8914), and denies nothing then
    std::vector<Address> addresses;
};

struct Sinkhole {
    Address address;
    std::string resolver;
    bool certain = true; // false: what several resolvers give is a wildcard after all
    std::string words;   // "what 192.0.2.53 says of names that cannot exist (3 of 3)"

    friend bool operator==(const Sinkhole&, const Sinkhole&) = default;
};

/// Sorted by address; one each.
[[nodiscard]] std::vector<Sinkhole> find_sinkholes(std::span<const CanaryAnswer> answers);

} // namespace sweepgate
