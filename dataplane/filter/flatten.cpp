// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/flatten.hpp"

#include <algorithm>
#include <span>

#include "controlplane/model/entry_checks.hpp"

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

/// One family's part of a sorted list, families being sorted apart. Of a list that is not sorted
/// some part, so that the two families' parts are all of it.
template <typename Item, typename PrefixOf>
std::span<const Item> of_family(const std::vector<Item>& items, Family family, PrefixOf prefix_of) {
    const auto middle = std::partition_point(items.begin(), items.end(), [&](const Item& item) {
        return prefix_of(item).address.family == Family::ipv4;
    });
    if (family == Family::ipv4) return {items.begin(), middle};
    return {middle, items.end()};
}

template <typename Bits>
Bits first_of(const Prefix& prefix) {
    return static_cast<Bits>(prefix.address.value);
}

template <typename Bits>
Bits last_in(const Prefix& prefix) {
    return static_cast<Bits>(prefix.last().value);
}

/// One family's walk.
template <typename Bits>
class Walk {
public:
    Walk(std::span<const Entry> entries, std::span<const Prefix> allow)
        : line_(entries.size() + 2 * allow.size()), allowed_(allow.begin()), end_(allow.end()) {}

    void entry(Bits from, Bits last, ClassId id) {
        for (; allowed_ != end_ && last_in<Bits>(*allowed_) < from; ++allowed_) append_allowed();
        for (;; ++allowed_) {
            if (allowed_ == end_ || first_of<Bits>(*allowed_) > last)
                return line_.append(from, last, id);
            if (from < first_of<Bits>(*allowed_))
                line_.append(from, first_of<Bits>(*allowed_) - 1, id);
            if (last_in<Bits>(*allowed_) >= last) return; // and maybe covers the next entry too
            append_allowed();
            from = last_in<Bits>(*allowed_) + 1;
        }
    }
    std::vector<BasicStretch<Bits>> finish() {
        for (; allowed_ != end_; ++allowed_) append_allowed();
        return line_.take();
    }

private:
    void append_allowed() {
        line_.append(first_of<Bits>(*allowed_), last_in<Bits>(*allowed_), kAllowed);
    }
    Line<Bits> line_;
    std::span<const Prefix>::iterator allowed_; // the first that the line does not hold yet
    std::span<const Prefix>::iterator end_;
};

/// What validate() says of entries among which something was found.
Error fault_in(const Snapshot& snapshot) {
    auto ok = validate(snapshot);
    return ok ? Error{Errc::bad_input, "entries: not sorted or not disjoint"} : ok.error();
}

template <typename Bits>
Result<std::vector<BasicStretch<Bits>>> flatten(const Snapshot& snapshot, Family family) {
    const auto entries =
        of_family(snapshot.entries, family, [](const Entry& entry) { return entry.prefix; });
    const auto allow =
        of_family(snapshot.rules.allow, family, [](const Prefix& prefix) { return prefix; });
    const auto classes = snapshot.rules.classes.size();
    if (snapshot.entries.size() > kMaxEntries) return tl::unexpected(fault_in(snapshot));
    Walk<Bits> walk(entries, allow);
    const Prefix* before = nullptr;
    for (const auto& [prefix, address_class] : entries) {
        if (prefix.address.family != family || !is_well_formed(prefix) ||
            address_class >= classes || (before != nullptr && !follows(*before, prefix)))
            return tl::unexpected(fault_in(snapshot));
        walk.entry(first_of<Bits>(prefix), last_in<Bits>(prefix),
                   static_cast<ClassId>(address_class + kFirstClass));
        before = &prefix;
    }
    return walk.finish();
}

} // namespace

Result<std::vector<Stretch4>> flatten_ipv4(const Snapshot& snapshot) {
    return flatten<std::uint32_t>(snapshot, Family::ipv4);
}
Result<std::vector<Stretch>> flatten_ipv6(const Snapshot& snapshot) {
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
