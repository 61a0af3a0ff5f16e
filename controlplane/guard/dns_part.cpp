// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/dns_part.hpp"

#include <algorithm>

namespace sweepgate {

namespace {

/// What two parts say of one key; a part that lacks it says neither.
struct Sides {
    bool was_good = false;
    bool was_seen = false;
    bool is_seen = false;
};

/// Walks two parts by key. `good` tells of each whether it is good then; it is seen as `now` says.
template <typename Good>
DnsPart side_by_side(const DnsPart& before, const DnsPart& now, Good good) {
    DnsPart merged;
    auto a = before.begin();
    auto b = now.begin();
    while (a != before.end() || b != now.end()) {
        const bool left = b == now.end() || (a != before.end() && a->key() <= b->key());
        const bool right = a == before.end() || (b != now.end() && b->key() <= a->key());
        Sides sides;
        if (left) sides = {a->good, a->seen, false};
        sides.is_seen = right && b->seen;
        const bool is_good = good(sides);
        if (is_good || sides.is_seen) {
            merged.push_back(right && (b->seen || !left) ? *b : *a);
            merged.back().good = is_good;
            merged.back().seen = sides.is_seen;
        }
        if (left) ++a;
        if (right) ++b;
    }
    return merged;
}

} // namespace

DnsPart in_order(DnsPart part) {
    std::stable_sort(part.begin(), part.end(),
                     [](const auto& a, const auto& b) { return a.key() < b.key(); });
    DnsPart unique;
    for (auto& each : part)
        if (unique.empty() || unique.back().key() != each.key()) {
            unique.push_back(std::move(each));
        } else {
            each.good = each.good || unique.back().good;
            each.seen = each.seen || unique.back().seen;
            unique.back() = std::move(each);
        }
    return unique;
}

DnsPart with_seen(const DnsPart& held, const DnsPart& seen) {
    return side_by_side(held, seen, [](const Sides& sides) { return sides.was_good; });
}

DnsPart take_decision(const DnsPart& before, const DnsPart& after) {
    return side_by_side(before, after, [](const Sides& sides) {
        return sides.is_seen == sides.was_seen ? sides.was_good : sides.is_seen;
    });
}

} // namespace sweepgate
