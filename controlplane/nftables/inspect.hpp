// SPDX-License-Identifier: Apache-2.0
// What the kernel holds, asked back: counters by system, and what its maps say of one address.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "controlplane/nftables/gate.hpp"
#include "controlplane/nftables/kernel.hpp"

namespace sweepgate::nftables {

/// The rules of the two generations that the kernel holds at most. It knows classes by number:
/// names come from here.
class BuiltRules {
public:
    void remember(const Receipt& built, const Ruleset& rules);
    /// Null when this process did not build it.
    [[nodiscard]] const Ruleset* of(const Receipt& built) const;

private:
    std::deque<std::pair<Receipt, Ruleset>> remembered_;
};

/// As Gate::probe().
[[nodiscard]] Result<ProbeAnswer> probe(Socket& socket, const GateOptions& options,
                                        const BuiltRules& built, const Address& address);

/// As Gate::counters().
[[nodiscard]] Result<std::vector<SystemCounter>> read_system_counters(Socket& socket,
                                                                      const std::string& table);

/// What two tables counted, by system.
[[nodiscard]] std::vector<SystemCounter> summed(std::vector<SystemCounter> counters,
                                                const std::vector<SystemCounter>& more);

} // namespace sweepgate::nftables
