// SPDX-License-Identifier: Apache-2.0
// How the two ports of a pair are set up for the lcores that serve it. Pure.
#pragma once

#include "dataplane/gate/port.hpp"

namespace sweepgate::gate {

/// One port's setup and the buffers it needs.
struct PortSetup {
    PortPlan plan;
    unsigned room = kBufferRoom; // frame bytes in one buffer
    unsigned buffers = 0;        // that its queues can hold
};

/// How many lcores can serve the pair: each needs a transmit queue on both ports, and a receive
/// queue on one.
[[nodiscard]] unsigned most_lcores(const PortFacts& inside, const PortFacts& outside);

/// `peer` is the pair's other port. A frame above an ordinary buffer's room comes in a chain when
/// this port can receive and the other send one, else in one large buffer.
[[nodiscard]] PortSetup plan_port(const PortFacts& port, const PortFacts& peer, unsigned lcores);

/// The MTU that frames from `rx` to `tx` have to be held to; 0 when they need not: `tx` knows
/// none, or `rx` is a NIC that receives nothing larger.
[[nodiscard]] unsigned limit_between(const PortFacts& rx, const PortFacts& tx);

} // namespace sweepgate::gate
