// SPDX-License-Identifier: Apache-2.0
// Which of a burst's hits leave a record, and how many hits each record stands for.
//
// Every hit leaves one as long as the ring stays half empty: 512 records between two readings, 20
// ms apart, are 25,000 hits/s an lcore. How many hits one burst has does not matter; a moment of
// scheduling puts many into one. When the reader falls behind fewer records are left: four a burst
// that would fill the first half, one a burst from there on, one in 64 bursts from three quarters
// on, none when the ring is full. They are picked evenly from a random start, and each gets the
// hits up to the next pick as its weight: every hit's expected weight is one, and the weights of a
// burst add up to its hits. The hits without a record are carried into the next one that is left,
// so no hit is lost to the totals.
//
// So what the reader counts is exact up to that rate, and beyond it an unbiased estimate, whose
// error the weights tell (dataplane/who/sampling.hpp). Where carried hits are attributed to assumes
// that traffic is much the same for the few milliseconds that they wait.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/gate/hit_ring.hpp"

namespace sweepgate::gate {

inline constexpr unsigned kMostPicks = 4;

struct Pick {
    unsigned hit = 0; // ordinal within the burst
    std::uint32_t weight = 0;
};

struct Picks {
    std::array<Pick, kMostPicks> picks;
    unsigned count = 0;
};

class HitSampler {
public:
    explicit HitSampler(std::uint32_t seed) : random_(seed | 1U) {}

    /// Whether each of a burst's `hits` leaves a record of its own, with a weight of one, while
    /// `used` records wait in the ring.
    [[nodiscard]] bool takes_all(unsigned hits, std::uint32_t used) const noexcept {
        return carried_ == 0 && used + hits <= HitRing::kCapacity / 2;
    }

    /// Where it does not take all. `hits` of one burst, at least one.
    [[nodiscard]] Picks pick(unsigned hits, std::uint32_t used) noexcept {
        Picks picked;
        std::uint64_t weight = hits + carried_;
        auto count = hits < kMostPicks ? hits : kMostPicks;
        const auto random = next();
        if (used > HitRing::kCapacity / 2) {
            count = 1;
            const bool skips = used > HitRing::kCapacity / 4 * 3 && (random & 63U) != 0;
            if (skips || used >= HitRing::kCapacity) {
                carried_ = weight;
                return picked;
            }
        }
        carried_ = 0;
        if (weight > kMostWeight) { // the rest waits: nothing of it is lost
            carried_ = weight - kMostWeight;
            weight = kMostWeight;
        }
        // One each: in their order. Otherwise from anywhere.
        const auto start =
            weight == count ? 0U : static_cast<unsigned>(std::uint64_t{random} * hits >> 32U);
        const auto base = count == kMostPicks ? weight / kMostPicks : weight / count;
        const auto rest = weight - base * count; // one more for each of the first picks
        for (unsigned i = 0; i < count; ++i) {
            const auto hit = start + (count == kMostPicks ? i * hits / kMostPicks : i);
            picked.picks[i] = {hit < hits ? hit : hit - hits,
                               static_cast<std::uint32_t>(base + (i < rest ? 1 : 0))};
        }
        picked.count = count;
        return picked;
    }
    /// Hits that wait for a record.
    [[nodiscard]] std::uint64_t carried() const { return carried_; }

private:
    static constexpr std::uint64_t kMostWeight = 0xFFFFFFFFU;

    std::uint32_t next() noexcept { // xorshift32 (Marsaglia 2003)
        random_ ^= random_ << 13U;
        random_ ^= random_ >> 17U;
        random_ ^= random_ << 5U;
        return random_;
    }

    std::uint32_t random_;
    std::uint64_t carried_ = 0;
};

} // namespace sweepgate::gate
