// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/ranges.hpp"

#include <algorithm>

namespace sweepgate {

namespace {

Address next(const Address& address) { return {address.family, address.value + 1}; }
Address previous(const Address& address) { return {address.family, address.value - 1}; }

/// The first that does not end in front of `range`.
Ranges::const_iterator first_near(const Ranges& ranges, const Range& range) {
    return std::lower_bound(
        ranges.begin(), ranges.end(), range,
        [](const Range& each, const Range& wanted) { return each.last < wanted.first; });
}

void cut(Range range, Ranges::const_iterator each, Ranges::const_iterator end, Ranges& rest) {
    for (; each != end && each->first <= range.last; ++each) {
        if (range.first < each->first) rest.push_back({range.first, previous(each->first)});
        if (range.last <= each->last) return;
        range.first = next(each->last);
    }
    rest.push_back(range);
}

} // namespace

Ranges subtract(const Ranges& whole, const Ranges& less) {
    Ranges rest;
    auto near = less.begin();
    for (const auto& range : whole) {
        while (near != less.end() && near->last < range.first) ++near;
        cut(range, near, less.end(), rest);
    }
    return rest;
}

Ranges intersect(const Ranges& a, const Ranges& b) { return subtract(a, subtract(a, b)); }

std::vector<Prefix> without(const Prefix& prefix, const Ranges& less) {
    Ranges rest;
    const auto range = to_range(prefix);
    cut(range, first_near(less, range), less.end(), rest);
    std::vector<Prefix> kept;
    for (const auto& each : rest)
        for (const auto& part : to_prefixes(each)) kept.push_back(part);
    return kept;
}

} // namespace sweepgate
