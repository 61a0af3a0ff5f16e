// SPDX-License-Identifier: Apache-2.0
// What came and went between two snapshots, by system and name: what an administrator reads
// before approving. Pure; names come from whoever knows them.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "controlplane/guard/candidate.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

struct ChangedPrefix {
    // As it was written, or what of that changed. Else single addresses with their names; those
    // without any, and stretches over 256, as few prefixes as there can be.
    Prefix prefix;
    std::vector<std::string> names; // that it was found under; none: listed, not found
    std::string place{};            // where it is listed: "line.toml", "l.txt: line 3"; or empty
};

/// A prefix as somebody wrote it, and where.
struct WrittenPrefix {
    Prefix prefix;
    std::string place;
};
/// By system; each sorted and disjoint.
using WrittenPrefixes = std::map<std::string, std::vector<WrittenPrefix>, std::less<>>;

/// What catalog, policy and lists say; of nested prefixes the widest.
[[nodiscard]] WrittenPrefixes written_prefixes(std::span<const Judgement> judgements);

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

///   nat64          what lies behind these is told in its own form alone
///   most           lines in the answer; names are asked for these only
///   before, after  what is told as it was written, where these are known
[[nodiscard]] Difference difference(const Snapshot& from, const Snapshot& to,
                                    const NamesOf& names_of, std::span<const Prefix> nat64 = {},
                                    std::size_t most = 10'000, const WrittenPrefixes& before = {},
                                    const WrittenPrefixes& after = {});

} // namespace sweepgate
