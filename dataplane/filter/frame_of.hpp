// SPDX-License-Identifier: Apache-2.0
// A packet as a frame, whatever holds it.
#pragma once

#include <rte_mbuf.h>

#include "dataplane/filter/frame.hpp"

namespace sweepgate::filter {

/// Of a chain of buffers, the first; segments.hpp has the others.
inline Frame frame_of(const rte_mbuf* mbuf) noexcept {
    return {rte_pktmbuf_mtod(mbuf, const std::uint8_t*), mbuf->data_len, mbuf->pkt_len};
}
inline const Frame& frame_of(const Frame& frame) noexcept { return frame; }

} // namespace sweepgate::filter
