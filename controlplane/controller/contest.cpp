// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/contest.hpp"

#include <algorithm>

namespace sweepgate::controller {

void Contest::note(std::span<const Observation> observations) {
    for (const auto& seen : observations) {
        if (seen.outcome > NameOutcome::no_such_name || seen.resolver.empty()) continue;
        said_[{seen.name.hostname, seen.type}][seen.resolver] =
            seen.outcome == NameOutcome::answered;
    }
}

std::map<std::string, std::string> Contest::contested() const {
    std::map<std::string, std::string> found;
    for (const auto& [name, resolvers] : said_) {
        const auto knows = [](const auto& said) { return said.second; };
        const auto knowing = std::count_if(resolvers.begin(), resolvers.end(), knows);
        const auto denying = static_cast<std::ptrdiff_t>(resolvers.size()) - knowing;
        if (knowing != 1 || denying == 0) continue;
        found[name.hostname] = std::find_if(resolvers.begin(), resolvers.end(), knows)->first +
                               " alone knows it, " + std::to_string(denying) +
                               " say it does not exist";
    }
    return found;
}

} // namespace sweepgate::controller
