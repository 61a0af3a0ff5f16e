// SPDX-License-Identifier: Apache-2.0
// What came and went between two snapshots, by system and name: what an administrator reads
// before approving. Pure; names come from whoever knows them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

struct ChangedPrefix {
    Prefix prefix;                  // single addresses, but for stretches over 256 of them
    std::vector<std::string> names; // that it was found under; none: listed, not found
};

struct SystemDifference {
    std::string system;
    std::vector<ChangedPrefix> added;
    std::vector<ChangedPrefix> removed;
    // In both, but enforced on fewer or more ports.
    std::vector<ChangedPrefix> now_shared;
    std::vector<ChangedPrefix> now_exclusive;

    [[nodiscard]] std::size_t size() const {
        return added.size() + removed.size() + now_shared.size() + now_exclusive.size();
    }
};

struct Difference {
    std::vector<SystemDifference> systems; // sorted by id; only those with a difference
    std::size_t left_out = 0;              // lines past the bound
};

/// The names under which a system's address was found.
using NamesOf =
    std::function<std::vector<std::string>(const std::string& system, const Address& address)>;

///   most      lines in the answer; names are asked for these only
[[nodiscard]] Difference difference(const Snapshot& from, const Snapshot& to,
                                    const NamesOf& names_of, std::size_t most = 10'000);

} // namespace sweepgate
