// SPDX-License-Identifier: Apache-2.0
// How long the turns of an lcore take, from the beginning of one to the beginning of the next.
//
// Buckets that widen with the value: none is wider than a sixteenth of what it holds, so quantiles
// are right within 6 %, from nanoseconds to hours, in 8 kB an lcore.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "dataplane/gate/counters.hpp"

namespace sweepgate::gate {

/// Values below 32 have a bucket each; from there on 16 for each power of two.
inline constexpr std::size_t kTurnBuckets = 59 * 16 + 32;

[[nodiscard]] constexpr std::size_t turn_bucket(std::uint64_t ticks) {
    const auto width = static_cast<unsigned>(std::bit_width(ticks));
    const auto shift = width > 5 ? width - 5 : 0;
    return std::size_t{shift} * 16 + static_cast<std::size_t>(ticks >> shift);
}

/// The lowest value of a bucket.
[[nodiscard]] constexpr std::uint64_t turn_bucket_begin(std::size_t bucket) {
    if (bucket < 32) return bucket;
    return (bucket % 16 + 16) << (bucket / 16 - 1);
}

/// One lcore's. It writes, any thread may read.
class TurnClock {
public:
    /// A turn begins at `now`, in ticks of the processor's clock.
    void tick(std::uint64_t now) noexcept {
        if (last_ != 0) buckets_[turn_bucket(now - last_)].add(1);
        last_ = now;
    }
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept {
        return buckets_[bucket].read();
    }

private:
    std::uint64_t last_ = 0;
    std::array<Counter, kTurnBuckets> buckets_;
};

/// Of all lcores together, as they were at one moment.
class TurnTimes {
public:
    TurnTimes() = default;
    explicit TurnTimes(double ticks_per_ns) : ticks_per_ns_(ticks_per_ns) {}

    void add(const TurnClock& clock);
    /// The turns between `before` and this moment.
    [[nodiscard]] TurnTimes since(const TurnTimes& before) const;
    /// Nanoseconds that `share` (0..1) of the turns did not exceed, to the bucket's end; 0 when
    /// there were none.
    [[nodiscard]] double quantile_ns(double share) const;
    [[nodiscard]] std::uint64_t turns() const;

private:
    double ticks_per_ns_ = 1;
    std::array<std::uint64_t, kTurnBuckets> buckets_{};
};

} // namespace sweepgate::gate
