// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/groups.hpp"

#include <algorithm>

namespace sweepgate::filter {

Groups::Groups(const std::vector<Group>& groups) {
    std::vector<Claim> claims;
    for (std::size_t i = 1; i < groups.size(); ++i)
        for (const auto& source : groups[i].sources)
            claims.push_back({source, static_cast<GroupIndex>(i)});
    std::sort(claims.begin(), claims.end(),
              [](const Claim& a, const Claim& b) { return a.prefix < b.prefix; });
    stretches4_ = flatten_longest(claims, Family::ipv4);
    stretches6_ = flatten_longest(claims, Family::ipv6);
}

GroupIndex Groups::of(const Address& client) const noexcept {
    static_assert(kEveryone == 0); // what find() says of an address in no stretch
    return find(client.family == Family::ipv4 ? stretches4_ : stretches6_, client.value);
}

std::size_t Groups::memory_bytes() const {
    return (stretches4_.capacity() + stretches6_.capacity()) * sizeof(Stretch);
}

} // namespace sweepgate::filter
