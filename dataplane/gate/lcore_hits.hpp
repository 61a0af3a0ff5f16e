// SPDX-License-Identifier: Apache-2.0
// What an lcore does for each hit beside dropping it: tell its port class, which is counted for
// every hit, and leave records of some (hit_sampler.hpp).
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/plain_hit.hpp"
#include "dataplane/gate/counters.hpp"
#include "dataplane/gate/hit_sampler.hpp"
#include "dataplane/gate/live.hpp"

namespace sweepgate::gate {

/// The hits of one burst, in their order.
struct BurstHits {
    std::array<std::uint8_t, filter::kMaxBurst> places; // within the burst
    std::array<PortClass, filter::kMaxBurst> port_classes;
    unsigned size = 0;

    void push(unsigned place, PortClass port_class) noexcept {
        places[size] = static_cast<std::uint8_t>(place);
        port_classes[size++] = port_class;
    }
};

class LcoreHits {
public:
    explicit LcoreHits(std::uint64_t seed) : sampler_(static_cast<std::uint32_t>(seed)) {}

    /// Leaves the records of a burst that has hits. Packets are as they were received.
    ///   carried  counts hits that have to wait for a record
    void record(rte_mbuf* const* mbufs, const filter::Judgement* judgements, const BurstHits& hits,
                const Edition& edition, Counter& carried) noexcept;

    /// The control thread's side.
    [[nodiscard]] HitRing& ring() { return ring_; }

private:
    HitSampler sampler_;
    HitRing ring_;
};

/// The same as port_class_of() below for packets that are not plain; slow.
[[nodiscard]] PortClass port_class_by_parsing(const rte_mbuf* mbuf,
                                              const filter::Judgement& judgement,
                                              const Edition& edition) noexcept;

/// Of a hit. `plain` is this burst's, of the edition's port classes.
[[nodiscard, gnu::always_inline]] inline PortClass port_class_of(filter::PlainPortClass& plain,
                                                                 const rte_mbuf* mbuf,
                                                                 const filter::Judgement& judgement,
                                                                 const Edition& edition) noexcept {
    // Not mbuf->next: it lies in a cache line that nobody else needs.
    if (judgement.server == filter::ServerEnd::unknown || mbuf->nb_segs > 1) [[unlikely]]
        return port_class_by_parsing(mbuf, judgement, edition);
    return plain.of(judgement, rte_pktmbuf_mtod(mbuf, const std::uint8_t*), mbuf->data_len);
}

} // namespace sweepgate::gate
