// SPDX-License-Identifier: Apache-2.0
// What the kernel holds, asked back: counters by system, and what its maps say of one address.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controlplane/nftables/gate.hpp"
#include "controlplane/nftables/kernel.hpp"

namespace sweepgate::nftables {

/// The rules of the generation that this process put in force last. The kernel knows classes by
/// number: names come from here.
struct BuiltRules {
    Receipt receipt;
    Ruleset rules; // with the schedules of the receipt
};

/// As Gate::probe().
[[nodiscard]] Result<ProbeAnswer> probe(Socket& socket, const GateOptions& options,
                                        const std::optional<BuiltRules>& built,
                                        const Address& address);

/// As Gate::counters().
[[nodiscard]] Result<std::vector<SystemCounter>> read_system_counters(Socket& socket,
                                                                      const std::string& table);

/// What two tables counted, by system.
[[nodiscard]] std::vector<SystemCounter> summed(std::vector<SystemCounter> counters,
                                                const std::vector<SystemCounter>& more);

} // namespace sweepgate::nftables
