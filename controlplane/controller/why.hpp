// SPDX-License-Identifier: Apache-2.0
// The verb `why`: who lists an address, why, and what each gate says.
#pragma once

#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

[[nodiscard]] wire::AdminReply why(Controller& controller, const Surroundings& surroundings,
                                   const std::string& argument);

} // namespace sweepgate::controller
