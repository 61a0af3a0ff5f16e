// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/difference.hpp"

#include <map>

#include "controlplane/guard/ranges.hpp"

namespace sweepgate {

namespace {

constexpr Uint128 kToldSingly = 256;

/// A system's addresses in one snapshot.
struct Extent {
    Ranges exclusive;
    Ranges shared;
    Ranges all;
};

std::map<std::string, Extent> extents_of(const Snapshot& snapshot) {
    std::map<std::string, Extent> found;
    for (const auto& entry : snapshot.entries) {
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

    std::vector<ChangedPrefix> tell(const std::string& system, const Ranges& ranges) {
        std::vector<ChangedPrefix> told;
        for (const auto& range : ranges)
            if (range.last.value - range.first.value < kToldSingly)
                for (auto value = range.first.value;
                     value - range.first.value <= range.last.value - range.first.value; ++value)
                    add(told, system, host({range.first.family, value}));
            else
                for (const auto& prefix : to_prefixes(range)) add(told, {}, prefix);
        return told;
    }

    [[nodiscard]] std::size_t left_out() const { return left_out_; }

private:
    void add(std::vector<ChangedPrefix>& told, const std::string& system, const Prefix& prefix) {
        if (count_ == most_) {
            ++left_out_;
            return;
        }
        ++count_;
        told.push_back({prefix, system.empty() ? std::vector<std::string>{}
                                               : names_of_(system, prefix.address)});
    }

    const NamesOf& names_of_;
    std::size_t most_;
    std::size_t count_ = 0;
    std::size_t left_out_ = 0;
};

} // namespace

Difference difference(const Snapshot& from, const Snapshot& to, const NamesOf& names_of,
                      std::size_t most) {
    auto before = extents_of(from);
    auto after = extents_of(to);
    for (const auto& [system, extent] : after) before.try_emplace(system);
    Difference found;
    Teller teller(names_of, most);
    for (const auto& [system, old] : before) {
        const auto& now = after[system];
        SystemDifference changed{system, teller.tell(system, subtract(now.all, old.all)),
                                 teller.tell(system, subtract(old.all, now.all)),
                                 teller.tell(system, intersect(old.exclusive, now.shared)),
                                 teller.tell(system, intersect(old.shared, now.exclusive))};
        if (changed.size() > 0) found.systems.push_back(std::move(changed));
    }
    found.left_out = teller.left_out();
    return found;
}

} // namespace sweepgate
