// SPDX-License-Identifier: Apache-2.0
// What the machine saw of whoever asked: the part of an audit entry that nobody chooses.
#pragma once

#include <string>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

/// "admin, key 3f2a9c0d1e5b7a86, 192.0.2.7" over tcp://, "uid 1000 (alice), pid 4711" over ipc://.
[[nodiscard]] std::string origin_of(const wire::Peer& peer);

/// "uid 1000 (alice), pid 4711"; without the name where this box knows none.
[[nodiscard]] std::string origin_of(unsigned uid, unsigned pid);

} // namespace sweepgate::controller
