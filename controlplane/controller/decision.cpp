// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/decision.hpp"

namespace sweepgate::controller {

Error not_said(const std::vector<std::string>& asks) {
    std::string all;
    for (const auto& each : asks) all += (all.empty() ? "" : "; ") + each;
    return {Errc::refused, all + ": nothing was changed; --yes says that it is meant"};
}

} // namespace sweepgate::controller
