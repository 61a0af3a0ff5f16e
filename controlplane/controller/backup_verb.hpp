// SPDX-License-Identifier: Apache-2.0
// What a backup needs of a running controller: copies of its databases, which nobody else can open.
#pragma once

#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

/// Copies each database into a folder of the state folder, in the place of what lay there, and
/// tells folder and newest generation. Whoever asked takes the copies away.
[[nodiscard]] wire::AdminReply backup(Controller& controller, const Surroundings& surroundings,
                                      const wire::Peer& peer);

} // namespace sweepgate::controller
