// SPDX-License-Identifier: Apache-2.0
// The snapshot of the gate's lab: some prefixes of "aim" dropped, one of "irc" rejected.
#pragma once

#include <chrono>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::lab {

struct Policy {
    Prefix rejected;
    std::vector<Prefix> dropped;
};

/// Reads REJECTED DROPPED...
inline Result<Policy> read_policy(int words, char** text) {
    Policy policy;
    for (int i = 0; i < words; ++i) {
        const auto prefix = parse_prefix(text[i]);
        if (!prefix) return tl::unexpected(prefix.error());
        if (i == 0)
            policy.rejected = *prefix;
        else
            policy.dropped.push_back(*prefix);
    }
    return policy;
}

/// `filler` more addresses of 100.64.0.0/10 are listed; which ones depends on the generation.
inline Result<Snapshot> make_snapshot(const Policy& policy, Generation generation,
                                      std::uint32_t filler) {
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {}, {}}, {"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop, Action::reject}};
    for (const auto& prefix : policy.dropped)
        parts.listings.push_back({prefix, 0, Scope::exclusive});
    parts.listings.push_back({policy.rejected, 1, Scope::exclusive});
    const auto first = 0x64400000U + static_cast<std::uint32_t>(generation % 64) * 7;
    for (std::uint32_t i = 0; i < filler; ++i)
        parts.listings.push_back({Prefix{ipv4(first + 3 * i), 32}, 0, Scope::exclusive});
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return build_snapshot(parts, generation, now, now + std::chrono::hours(1));
}

} // namespace sweepgate::lab
