// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lcore_share.hpp"

#include <algorithm>

namespace sweepgate::gate {

namespace {

/// How many each pair gets: one more in turn, until all are given or nobody can use another.
std::vector<std::size_t> shares(std::size_t lcores, std::span<const PairPlace> pairs) {
    std::vector<std::size_t> share(pairs.size(), 0);
    for (bool given = true; given && lcores > 0;) {
        given = false;
        for (std::size_t pair = 0; pair < pairs.size() && lcores > 0; ++pair) {
            if (share[pair] >= std::max(pairs[pair].most_lcores, 1U)) continue;
            ++share[pair];
            --lcores;
            given = true;
        }
    }
    return share;
}

} // namespace

std::vector<std::vector<unsigned>> share_lcores(std::span<const LcorePlace> lcores,
                                                std::span<const PairPlace> pairs) {
    std::vector<std::vector<unsigned>> served(pairs.size());
    if (lcores.size() < pairs.size()) {
        for (std::size_t pair = 0; pair < pairs.size(); ++pair)
            served[pair].push_back(static_cast<unsigned>(pair % lcores.size()));
        return served;
    }
    const auto share = shares(lcores.size(), pairs);
    std::vector<bool> taken(lcores.size(), false);
    const auto take = [&](std::size_t pair, bool near_only) {
        if (served[pair].size() >= share[pair]) return false;
        for (unsigned i = 0; i < lcores.size(); ++i) {
            if (taken[i] || (near_only && lcores[i].socket != pairs[pair].socket)) continue;
            taken[i] = true;
            served[pair].push_back(i);
            return true;
        }
        return false;
    };
    for (const bool near_only : {true, false}) // nobody takes another pair's near lcore too early
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t pair = 0; pair < pairs.size(); ++pair)
                moved = take(pair, near_only) || moved;
        }
    return served;
}

std::vector<QueueDuty> queue_duties(unsigned slot, unsigned lcores, unsigned rx_queues) {
    std::vector<QueueDuty> duties;
    for (auto queue = slot; queue < rx_queues; queue += lcores)
        duties.push_back({static_cast<std::uint16_t>(queue), static_cast<std::uint16_t>(slot)});
    return duties;
}

Copies copies_for(std::span<const LcorePlace> lcores) {
    Copies copies;
    for (const auto& place : lcores) {
        const auto found = std::ranges::find(copies.sockets, place.socket);
        copies.copy_of.push_back(static_cast<unsigned>(found - copies.sockets.begin()));
        if (found == copies.sockets.end()) copies.sockets.push_back(place.socket);
    }
    return copies;
}

} // namespace sweepgate::gate
