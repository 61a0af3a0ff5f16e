// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/difference.hpp"

#include <algorithm>
#include <map>

#include "controlplane/guard/ranges.hpp"
#include "controlplane/guard/translated.hpp"

namespace sweepgate {

namespace {

constexpr Uint128 kToldSingly = 256;

/// A system's addresses in one snapshot.
struct Extent {
    Ranges exclusive;
    Ranges shared;
    Ranges all;
};

std::map<std::string, Extent> extents_of(const Snapshot& snapshot, std::span<const Prefix> nat64) {
    std::map<std::string, Extent> found;
    for (const auto& entry : snapshot.entries) {
        if (is_translated(entry.prefix, nat64)) continue;
        const auto& address_class = snapshot.rules.classes[entry.address_class];
        for (const auto system : address_class.systems) {
            auto& extent = found[snapshot.rules.systems[system].id];
            const auto range = to_range(entry.prefix);
            (address_class.scope == Scope::shared ? extent.shared : extent.exclusive)
                .push_back(range);
            extent.all.push_back(range);
        }
    }
    for (auto& [system, extent] : found)
        for (auto* ranges : {&extent.exclusive, &extent.shared, &extent.all})
            *ranges = merge(std::move(*ranges));
    return found;
}

class Teller {
public:
    Teller(const NamesOf& names_of, std::size_t most) : names_of_(names_of), most_(most) {}

    std::vector<ChangedPrefix> tell(const std::string& system, const Ranges& ranges,
                                    const WrittenPrefixes& written) {
        told_.clear();
        const auto found = written.find(system);
        for (const auto& range : ranges)
            if (found == written.end())
                tell_found(system, range);
            else
                tell_written(system, range, found->second);
        return std::move(told_);
    }

    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    void tell_written(const std::string& system, const Range& range,
                      const std::vector<WrittenPrefix>& written) {
        auto at = range.first;
        auto each = std::lower_bound(written.begin(), written.end(), range.first,
                                     [](const WrittenPrefix& one, const Address& first) {
                                         return one.prefix.last() < first;
                                     });
        for (; each != written.end() && each->prefix.first() <= range.last; ++each) {
            const Range inner{std::max(range.first, each->prefix.first()),
                              std::min(range.last, each->prefix.last())};
            if (at < inner.first) tell_found(system, {at, {at.family, inner.first.value - 1}});
            for (const auto& prefix : to_prefixes(inner)) add(prefix, {}, each->place);
            if (inner.last == range.last) return;
            at = {at.family, inner.last.value + 1};
        }
        tell_found(system, {at, range.last});
    }

    void tell_found(const std::string& system, const Range& range) {
        const auto more = range.last.value - range.first.value;
        Ranges nameless;
        for (Uint128 i = 0; more < kToldSingly && i <= more; ++i) {
            const Address address{range.first.family, range.first.value + i};
            if (count_ == most_) { // no names are looked up for what is not told
                ++left_out_;
                continue;
            }
            auto names = names_of_(system, address);
            if (names.empty())
                nameless.push_back({address, address});
            else
                add(host(address), std::move(names), {});
        }
        if (more >= kToldSingly) nameless.push_back(range);
        for (const auto& rest : merge(std::move(nameless)))
            for (const auto& prefix : to_prefixes(rest)) add(prefix, {}, {});
    }

    void add(const Prefix& prefix, std::vector<std::string> names, std::string place) {
        if (count_ == most_) {
            ++left_out_;
            return;
        }
        ++count_;
        told_.push_back({prefix, std::move(names), std::move(place)});
    }

    const NamesOf& names_of_;
    std::size_t most_;
    std::size_t count_ = 0;
    std::size_t left_out_ = 0;
    std::vector<ChangedPrefix> told_;
};

} // namespace

WrittenPrefixes written_prefixes(std::span<const Judgement> judgements) {
    WrittenPrefixes written;
    for (const auto& judgement : judgements)
        if (judgement.hostname.empty() && judgement.disposition != Disposition::refused)
            written[judgement.system].push_back({judgement.prefix, judgement.origin.place});
    for (auto& [system, prefixes] : written) {
        std::sort(prefixes.begin(), prefixes.end(),
                  [](const auto& a, const auto& b) { return a.prefix < b.prefix; });
        std::vector<WrittenPrefix> widest;
        for (auto& each : prefixes)
            if (widest.empty() || !widest.back().prefix.contains(each.prefix))
                widest.push_back(std::move(each));
        prefixes = std::move(widest);
    }
    return written;
}

Difference difference(const Snapshot& from, const Snapshot& to, const NamesOf& names_of,
                      std::span<const Prefix> nat64, std::size_t most,
                      const WrittenPrefixes& written_before, const WrittenPrefixes& written_after) {
    auto before = extents_of(from, nat64);
    auto after = extents_of(to, nat64);
    for (const auto& [system, extent] : after) before.try_emplace(system);
    Difference found;
    Teller teller(names_of, most);
    for (const auto& [system, old] : before) {
        const auto& now = after[system];
        SystemDifference changed{
            system, teller.tell(system, subtract(now.all, old.all), written_after),
            teller.tell(system, subtract(old.all, now.all), written_before),
            teller.tell(system, intersect(old.exclusive, now.shared), written_after),
            teller.tell(system, intersect(old.shared, now.exclusive), written_after)};
        if (changed.size() > 0) found.systems.push_back(std::move(changed));
    }
    found.left_out = teller.left_out();
    return found;
}

} // namespace sweepgate
