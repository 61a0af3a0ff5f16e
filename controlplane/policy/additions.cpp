// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/additions.hpp"

#include <algorithm>

namespace sweepgate {

namespace {

template <typename T>
void sort_unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

} // namespace

const Origin* Additions::find(const std::string& system, const Prefix& prefix) const {
    const auto added = prefixes.find(system);
    if (added == prefixes.end()) return nullptr;
    const auto place = added->second.find(prefix);
    return place == added->second.end() ? nullptr : &place->second;
}

Catalog extend(const Catalog& catalog, const Additions& additions) {
    auto extended = catalog;
    for (auto& entry : extended.systems) {
        const auto& id = entry.system.id;
        if (const auto added = additions.hostnames.find(id); added != additions.hostnames.end()) {
            entry.hostnames.insert(entry.hostnames.end(), added->second.begin(),
                                   added->second.end());
            sort_unique(entry.hostnames);
        }
        if (const auto added = additions.prefixes.find(id); added != additions.prefixes.end()) {
            for (const auto& [prefix, origin] : added->second)
                entry.static_prefixes.push_back(prefix);
            sort_unique(entry.static_prefixes);
        }
    }
    return extended;
}

} // namespace sweepgate
