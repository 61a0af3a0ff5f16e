// SPDX-License-Identifier: Apache-2.0
// Guarded prefixes, found fast by address. Hosts are hashed; wider ones are few.
#pragma once

#include <unordered_map>
#include <vector>

#include "controlplane/guard/guard.hpp"

namespace sweepgate {

[[nodiscard]] inline bool is_host(const Prefix& prefix) {
    return prefix.length == width(prefix.address.family);
}

class GuardedIndex {
public:
    explicit GuardedIndex(const std::vector<Guarded>& guarded) {
        for (const auto& item : guarded)
            if (is_host(item.prefix))
                hosts_.emplace(item.prefix.address, &item);
            else
                wide_.push_back(&item);
    }

    /// The one that contains the whole of `prefix`, or nullptr.
    [[nodiscard]] const Guarded* covering(const Prefix& prefix) const {
        if (is_host(prefix))
            if (const auto found = hosts_.find(prefix.address); found != hosts_.end())
                return found->second;
        for (const auto* item : wide_)
            if (item->prefix.contains(prefix)) return item;
        return nullptr;
    }

    void append_inside(const Prefix& prefix, std::vector<Prefix>& found) const {
        for (const auto& [address, item] : hosts_)
            if (prefix.contains(address)) found.push_back(item->prefix);
        for (const auto* item : wide_)
            if (prefix.contains(item->prefix)) found.push_back(item->prefix);
    }

private:
    std::unordered_map<Address, const Guarded*> hosts_;
    std::vector<const Guarded*> wide_;
};

} // namespace sweepgate
