// SPDX-License-Identifier: Apache-2.0
// Memory in which a frame ends where memory ends: who reads one byte too many does not live.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <rte_mbuf.h>

#include "dataplane/filter/frame.hpp"

namespace sweepgate::filter {

/// Room for a burst; behind each place lies a page that nobody may touch.
class Places {
public:
    Places() {
        base_ =
            static_cast<std::uint8_t*>(mmap(nullptr, kMaxBurst * kStride, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (std::size_t i = 0; i < kMaxBurst; ++i)
            mprotect(base_ + i * kStride + kRoom, kStride - kRoom, PROT_NONE);
    }
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() { munmap(base_, kMaxBurst * kStride); }

    std::uint8_t* begin(std::size_t place) { return base_ + place * kStride; }
    /// `bytes` of them from `from`.
    std::uint8_t* put(std::size_t place, const std::uint8_t* from, std::size_t bytes) {
        auto* at = begin(place) + kRoom - bytes;
        std::copy_n(from, bytes, at);
        return at;
    }
    std::uint8_t* put(std::size_t place, const std::vector<std::uint8_t>& frame) {
        return put(place, frame.data(), frame.size());
    }
    /// The same as a buffer of DPDK's, at the end of no chain yet.
    void put(std::size_t place, const std::uint8_t* from, std::size_t bytes, rte_mbuf& mbuf) {
        const auto* at = put(place, from, bytes);
        mbuf.buf_addr = begin(place);
        mbuf.data_off = static_cast<std::uint16_t>(at - begin(place));
        mbuf.data_len = static_cast<std::uint16_t>(bytes);
        mbuf.pkt_len = static_cast<std::uint32_t>(bytes);
        mbuf.vlan_tci = 0xFFFF; // lies beside data_len
        mbuf.nb_segs = 1;
        mbuf.next = nullptr;
    }

private:
    static constexpr std::size_t kRoom = 4096;
    static constexpr std::size_t kStride = 8192;
    std::uint8_t* base_;
};

/// A burst of packets in one to three buffers each.
class Chains {
public:
    /// Cut at these offsets, ascending, at most two.
    rte_mbuf* put(std::size_t place, const std::vector<std::uint8_t>& frame,
                  const std::vector<std::size_t>& cuts) {
        std::size_t from = 0;
        for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
            const auto to = piece < cuts.size() ? cuts[piece] : frame.size();
            places_[piece].put(place, frame.data() + from, to - from, mbufs_[piece][place]);
            if (piece > 0) mbufs_[piece - 1][place].next = &mbufs_[piece][place];
            from = to;
        }
        auto* first = &mbufs_[0][place];
        first->pkt_len = static_cast<std::uint32_t>(frame.size());
        first->nb_segs = static_cast<std::uint16_t>(cuts.size() + 1);
        return first;
    }

private:
    std::array<Places, 3> places_;
    // Not in place: CppUTest's operator new knows nothing of a type's alignment.
    std::array<std::vector<rte_mbuf>, 3> mbufs_{std::vector<rte_mbuf>(kMaxBurst),
                                                std::vector<rte_mbuf>(kMaxBurst),
                                                std::vector<rte_mbuf>(kMaxBurst)};
};

} // namespace sweepgate::filter
