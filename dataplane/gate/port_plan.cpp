// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/port_plan.hpp"

#include <algorithm>
#include <bit>

namespace sweepgate::gate {

namespace {

/// Ethernet, two tags and the checksum that some NICs deliver.
constexpr unsigned kFrameOverhead = 14 + 8 + 4;
constexpr unsigned kCacheLine = 64;
constexpr unsigned kDescriptors = 1024;
constexpr unsigned kDescriptorsOfLarge = 256;

bool is_large(const PortFacts& port) { return port.mtu + kFrameOverhead > kBufferRoom; }
bool makes_chains(const PortFacts& port, const PortFacts& peer) {
    return is_large(port) && port.ring_frame == 0 && port.scatters && peer.multi_segs;
}

unsigned room_for(const PortFacts& port, const PortFacts& peer) {
    if (port.ring_frame != 0) return port.ring_frame;
    if (!is_large(port) || makes_chains(port, peer)) return kBufferRoom;
    return (port.mtu + kFrameOverhead + kCacheLine - 1) / kCacheLine * kCacheLine;
}

} // namespace

unsigned most_lcores(const PortFacts& inside, const PortFacts& outside) {
    const auto most =
        std::min({inside.most_tx, outside.most_tx, std::max(inside.most_rx, outside.most_rx)});
    return std::max(most, 1U);
}

PortSetup plan_port(const PortFacts& port, const PortFacts& peer, unsigned lcores) {
    PortSetup setup;
    auto& plan = setup.plan;
    const auto wanted = port.wants_power_of_2 ? std::bit_ceil(lcores) : lcores;
    plan.rx_queues = std::max(port.polls_all ? port.most_rx : std::min(wanted, port.most_rx), 1U);
    // net_af_xdp wants as many of both kinds.
    plan.tx_queues = std::min(port.polls_all ? std::max(lcores, plan.rx_queues) : lcores,
                              std::max(port.most_tx, 1U));
    plan.scatter = makes_chains(port, peer);
    plan.multi_segs = makes_chains(peer, port);
    setup.room = room_for(port, peer);
    plan.descriptors = setup.room > kBufferRoom ? kDescriptorsOfLarge : kDescriptors;
    setup.buffers = (plan.rx_queues + plan.tx_queues) * plan.descriptors;
    return setup;
}

unsigned limit_between(const PortFacts& rx, const PortFacts& tx) {
    const bool keeps_to_it = rx.is_nic && rx.mtu <= tx.mtu;
    return keeps_to_it ? 0 : tx.mtu;
}

} // namespace sweepgate::gate
