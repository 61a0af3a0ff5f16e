// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/flatten.hpp"

#include <algorithm>
#include <span>

namespace sweepgate::filter {

namespace {

/// Appends stretches in ascending order and joins neighbours of one id.
template <typename Bits>
class Line {
public:
    explicit Line(std::size_t expected = 0) { stretches_.reserve(expected); }
    void append(Bits first, Bits last, std::uint16_t id) {
        if (!stretches_.empty() && stretches_.back().id == id &&
            stretches_.back().last + 1 == first)
            stretches_.back().last = last;
        else
            stretches_.push_back({first, last, id});
    }
    [[nodiscard]] std::vector<BasicStretch<Bits>> take() { return std::move(stretches_); }

private:
    std::vector<BasicStretch<Bits>> stretches_;
};

Uint128 last_of(const Prefix& prefix) { return prefix.address.value | prefix.host_mask(); }

} // namespace

std::vector<Stretch> flatten_longest(const std::vector<Claim>& claims, Family family) {
    Line<Uint128> line;
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

namespace {

/// One family's part of a sorted list, families being sorted apart.
template <typename Item, typename PrefixOf>
std::span<const Item> of_family(const std::vector<Item>& items, Family family, PrefixOf prefix_of) {
    const auto family_of = [&](const Item& item) { return prefix_of(item).address.family; };
    // Not equal_range(), whose result clang 14 cannot take from libstdc++ 12.
    return {std::ranges::lower_bound(items, family, {}, family_of),
            std::ranges::upper_bound(items, family, {}, family_of)};
}

template <typename Bits>
std::vector<BasicStretch<Bits>> flatten(const Snapshot& snapshot, Family family) {
    const auto entries =
        of_family(snapshot.entries, family, [](const Entry& entry) { return entry.prefix; });
    const auto allow =
        of_family(snapshot.rules.allow, family, [](const Prefix& prefix) { return prefix; });
    Line<Bits> line(entries.size() + 2 * allow.size());
    const auto first_of = [](const Prefix& prefix) {
        return static_cast<Bits>(prefix.address.value);
    };
    const auto last_of = [](const Prefix& prefix) {
        return static_cast<Bits>(prefix.address.value | prefix.host_mask());
    };
    const auto append_allowed = [&](const Prefix& prefix) {
        line.append(first_of(prefix), last_of(prefix), kAllowed);
    };
    auto allowed = allow.begin(); // the first that the line does not hold yet
    for (const auto& entry : entries) {
        auto from = first_of(entry.prefix);
        const auto last = last_of(entry.prefix);
        const auto id = static_cast<ClassId>(entry.address_class + kFirstClass);
        for (; allowed != allow.end() && last_of(*allowed) < from; ++allowed)
            append_allowed(*allowed);
        for (;; ++allowed) {
            if (allowed == allow.end() || first_of(*allowed) > last) {
                line.append(from, last, id);
                break;
            }
            if (from < first_of(*allowed)) line.append(from, first_of(*allowed) - 1, id);
            if (last_of(*allowed) >= last) break; // and maybe covers the next entry too
            append_allowed(*allowed);
            from = last_of(*allowed) + 1;
        }
    }
    for (; allowed != allow.end(); ++allowed) append_allowed(*allowed);
    return line.take();
}

} // namespace

std::vector<Stretch4> flatten_ipv4(const Snapshot& snapshot) {
    return flatten<std::uint32_t>(snapshot, Family::ipv4);
}
std::vector<Stretch> flatten_ipv6(const Snapshot& snapshot) {
    return flatten<Uint128>(snapshot, Family::ipv6);
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
