// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/frame_limit.hpp"

#include <cstring>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace sweepgate::gate {

namespace {

constexpr unsigned kEthernet = 14;
constexpr unsigned kTag = 4;

std::uint16_t callback(std::uint16_t /*port*/, std::uint16_t /*queue*/, rte_mbuf** mbufs,
                       std::uint16_t count, std::uint16_t /*most*/, void* limit) {
    return drop_too_big(mbufs, count, *static_cast<const FrameLimit*>(limit));
}

} // namespace

bool exceeds(const rte_mbuf& mbuf, unsigned mtu) noexcept {
    if (mbuf.pkt_len <= mtu + kEthernet) return false;
    if (mbuf.pkt_len > mtu + kEthernet + 2 * kTag) return true;
    const auto* frame = rte_pktmbuf_mtod(&mbuf, const std::uint8_t*);
    unsigned link = kEthernet;
    for (unsigned tags = 0; tags < 2 && mbuf.data_len >= link; ++tags) {
        const auto type = frame[link - 2] << 8U | frame[link - 1];
        if (type != RTE_ETHER_TYPE_VLAN && type != RTE_ETHER_TYPE_QINQ) break;
        link += kTag;
    }
    return mbuf.pkt_len > mtu + link;
}

std::uint16_t drop_too_big(rte_mbuf** mbufs, std::uint16_t count,
                           const FrameLimit& limit) noexcept {
    std::uint16_t kept = 0;
    for (std::uint16_t i = 0; i < count; ++i) {
        if (exceeds(*mbufs[i], limit.mtu)) {
            const bool joined = limit.own_mtu != 0 && exceeds(*mbufs[i], limit.own_mtu);
            (joined ? limit.joined : limit.too_big)->add(1);
            rte_pktmbuf_free(mbufs[i]);
        } else {
            mbufs[kept++] = mbufs[i];
        }
    }
    return kept;
}

Status put_limit(std::uint16_t port, std::uint16_t rx_queue, FrameLimit& limit) {
    if (rte_eth_add_rx_callback(port, rx_queue, callback, &limit) != nullptr) return {};
    return fail(Errc::unavailable, "queue " + std::to_string(rx_queue) +
                                       ": no receive callback: " + rte_strerror(rte_errno));
}

} // namespace sweepgate::gate
