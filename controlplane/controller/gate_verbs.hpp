// SPDX-License-Identifier: Apache-2.0
// The admin requests about gates.
#pragma once

#include "controlplane/controller/gate_states.hpp"
#include "controlplane/controller/verbs.hpp"

namespace sweepgate::controller {

/// {"generation", "digest"} of what is published.
[[nodiscard]] Published published_by(const View& view);
[[nodiscard]] GateBounds bounds_of(const Config& config);
[[nodiscard]] nlohmann::json gate_rows(const View& view, std::vector<wire::PeerState> gates,
                                       const Config& config);

/// {"generation", "digest", "gates": rows}.
[[nodiscard]] wire::AdminReply gates(Controller& controller, const Surroundings& surroundings);

/// {"gate", "alive": it still reports and will be back}.
[[nodiscard]] wire::AdminReply forget_gate(Controller& controller, const Surroundings& surroundings,
                                           const wire::Peer& peer, const std::string& gate);
/// {"verdict", "faults"}.
[[nodiscard]] wire::AdminReply health(const Controller& controller);

} // namespace sweepgate::controller
