// SPDX-License-Identifier: Apache-2.0
// Frames that the port ahead may not send are dropped where they come in, and counted; never cut.
//
// It hangs in DPDK's receive callback of a queue, so that a pair whose ports keep to their MTU by
// themselves (NICs of the same MTU) pays nothing for it.
#pragma once

#include <cstdint>

#include "controlplane/model/result.hpp"
#include "dataplane/gate/counters.hpp"

struct rte_mbuf;

namespace sweepgate::gate {

struct FrameLimit {
    unsigned mtu = 0; // of the port ahead: bytes behind the Ethernet header and its VLAN tags
    Counter* too_big = nullptr;
    /// Of the port they come in by; 0: it keeps to it. What exceeds that was joined on the way and
    /// never was one frame on a wire.
    unsigned own_mtu = 0;
    Counter* joined = nullptr;
};

/// Whether the frame's payload exceeds `mtu`. Up to two VLAN tags count for the link, not for it.
[[nodiscard]] bool exceeds(const rte_mbuf& mbuf, unsigned mtu) noexcept;

/// Frees what exceeds the limit; what is left keeps its order. Returns how many are left.
std::uint16_t drop_too_big(rte_mbuf** mbufs, std::uint16_t count, const FrameLimit& limit) noexcept;

/// From now on nothing above the limit comes out of the queue. `limit` outlives the port.
[[nodiscard]] Status put_limit(std::uint16_t port, std::uint16_t rx_queue, FrameLimit& limit);

} // namespace sweepgate::gate
