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

class LcoreHits {
public:
    explicit LcoreHits(std::uint64_t seed) : sampler_(static_cast<std::uint32_t>(seed)) {}

    /// Leaves the records of a burst that has hits. Packets are as they were received.
    ///   hits     one bit for each packet that counts for a system
    ///   carried  counts hits that have to wait for a record
    void record(rte_mbuf* const* mbufs, const filter::Judgement* judgements, std::uint64_t hits,
                const Edition& edition, Counter& carried) noexcept;

    /// The control thread's side.
    [[nodiscard]] HitRing& ring() { return ring_; }

private:
    void leave(const rte_mbuf* mbuf, const filter::Judgement& judgement, std::uint32_t weight,
               const Edition& edition) noexcept;

    HitSampler sampler_;
    HitRing ring_;
};

/// Of a hit that is not plain; slow.
[[nodiscard]] PortClass port_class_by_parsing(const rte_mbuf* mbuf,
                                              const filter::Judgement& judgement,
                                              const Edition& edition) noexcept;

} // namespace sweepgate::gate
