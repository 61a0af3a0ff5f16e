// SPDX-License-Identifier: Apache-2.0
// Whom a sweep asks: addresses, names of servers as dig takes them, or those of this machine.
#pragma once

#include <string>
#include <vector>

#include "controlplane/cli/sweep/command.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::cli {

struct SweepServers {
    std::vector<std::string> servers; // with ports; empty: there is none
    std::vector<std::string> told;    // what of /etc/resolv.conf cannot be used
};

/// A name is looked up as every program of this machine does it; all its addresses are asked.
///   errors   bad_input: neither an address nor a name
///            unavailable: a name without address, with the resolver's own words
[[nodiscard]] Result<SweepServers> servers_of(const SweepCommand& command);

} // namespace sweepgate::cli
