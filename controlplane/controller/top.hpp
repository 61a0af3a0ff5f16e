// SPDX-License-Identifier: Apache-2.0
// The verb `top`: whom the gates hit most.
#pragma once

#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

[[nodiscard]] wire::AdminReply top(const Surroundings& surroundings, const std::string& argument);

} // namespace sweepgate::controller
