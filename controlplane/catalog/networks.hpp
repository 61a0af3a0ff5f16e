// SPDX-License-Identifier: Apache-2.0
// All networks of a catalog, found by prefix and by zone. Immutable; copies share it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "controlplane/catalog/network.hpp"

namespace sweepgate {

class Networks {
public:
    Networks() = default;
    explicit Networks(std::vector<Network> networks);

    /// In the order given.
    [[nodiscard]] std::span<const Network> all() const;

    struct Match {
        const Network* network = nullptr;
        Prefix range; // of it
    };
    /// The narrowest range of that kind that the whole prefix lies in.
    [[nodiscard]] std::optional<Match> covering(const Prefix& prefix, NetworkKind kind) const;
    /// The zone of such a network that the name lies in, or "".
    [[nodiscard]] std::string_view zone_of(std::string_view name, NetworkKind kind) const;

private:
    struct Index;
    std::shared_ptr<const Index> index_; // null: none
};

} // namespace sweepgate
