// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/flatten.hpp"

#include <algorithm>

namespace sweepgate::filter {

namespace {

/// Appends stretches in ascending order and joins neighbours of one id.
class Line {
public:
    void append(Uint128 first, Uint128 last, std::uint16_t id) {
        if (!stretches_.empty() && stretches_.back().id == id &&
            stretches_.back().last + 1 == first)
            stretches_.back().last = last;
        else
            stretches_.push_back({first, last, id});
    }
    [[nodiscard]] std::vector<Stretch> take() { return std::move(stretches_); }

private:
    std::vector<Stretch> stretches_;
};

Uint128 last_of(const Prefix& prefix) { return prefix.address.value | prefix.host_mask(); }

} // namespace

std::vector<Stretch> flatten_longest(const std::vector<Claim>& claims, Family family) {
    Line line;
    std::vector<const Claim*> open; // each inside the one before
    Uint128 next = 0;               // first address that has no stretch yet
    bool at_end = false;            // the very last address has one: `next` cannot say so

    const auto append_through = [&](Uint128 last) {
        if (at_end || next > last) return;
        line.append(next, last, open.back()->id);
        at_end = last == ~Uint128{0};
        next = at_end ? last : last + 1;
    };
    for (const auto& claim : claims) {
        if (claim.prefix.address.family != family) continue;
        const auto first = claim.prefix.address.value;
        for (; !open.empty() && last_of(open.back()->prefix) < first; open.pop_back())
            append_through(last_of(open.back()->prefix));
        if (!open.empty() && first > 0) append_through(first - 1);
        next = first;
        open.push_back(&claim);
    }
    for (; !open.empty(); open.pop_back()) append_through(last_of(open.back()->prefix));
    return line.take();
}

std::vector<Stretch> flatten(const Snapshot& snapshot, Family family) {
    // Entries inside an allow prefix are gone; an allow prefix inside an entry is the longer one.
    const auto& allow = snapshot.rules.allow;
    std::vector<Claim> claims;
    claims.reserve(snapshot.entries.size() + allow.size());
    for (const auto& entry : snapshot.entries) {
        if (entry.prefix.address.family != family) continue;
        const auto covering = find_covering(allow.begin(), allow.end(), entry.prefix.address,
                                            [](const Prefix& prefix) { return prefix; });
        if (covering != allow.end() && covering->contains(entry.prefix)) continue;
        claims.push_back({entry.prefix, static_cast<ClassId>(entry.address_class + kFirstClass)});
    }
    const auto middle = static_cast<std::ptrdiff_t>(claims.size());
    for (const auto& prefix : allow)
        if (prefix.address.family == family) claims.push_back({prefix, kAllowed});
    std::inplace_merge(claims.begin(), claims.begin() + middle, claims.end(),
                       [](const Claim& a, const Claim& b) { return a.prefix < b.prefix; });
    return flatten_longest(claims, family);
}

std::uint16_t find(const std::vector<Stretch>& stretches, Uint128 value) noexcept {
    const auto behind =
        std::upper_bound(stretches.begin(), stretches.end(), value,
                         [](Uint128 v, const Stretch& stretch) { return v < stretch.first; });
    if (behind == stretches.begin()) return 0;
    const auto& stretch = *(behind - 1);
    return value <= stretch.last ? stretch.id : std::uint16_t{0};
}

} // namespace sweepgate::filter
