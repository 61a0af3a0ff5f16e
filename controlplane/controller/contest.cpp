// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/contest.hpp"

#include <algorithm>
#include <set>

#include "controlplane/controller/machine.hpp"

namespace sweepgate::controller {

std::map<std::string, std::string> contested(std::span<const Dispute> disputes,
                                             std::span<const std::string> servers) {
    std::set<Address> asked;
    for (const auto& server : servers)
        if (const auto address = resolver_address(server)) asked.insert(*address);
    const auto is_asked = [&](const std::string& resolver) {
        const auto address = resolver_address(resolver);
        return address && asked.contains(*address);
    };
    std::map<std::string, std::string> found;
    for (const auto& dispute : disputes) {
        const auto knowing = std::ranges::count_if(dispute.known_to, is_asked);
        const auto denying = std::ranges::count_if(dispute.unknown_to, is_asked);
        if (knowing != 1 || denying == 0) continue;
        found[dispute.hostname] = *std::ranges::find_if(dispute.known_to, is_asked) +
                                  " alone knows it, " + std::to_string(denying) +
                                  " say it does not exist";
    }
    return found;
}

} // namespace sweepgate::controller
