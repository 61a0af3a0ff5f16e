// SPDX-License-Identifier: Apache-2.0
// A rate, kept by whoever has a clock: an lcore, or a replay with the times of its capture.
#pragma once

#include <cstdint>

namespace sweepgate::filter {

/// Lets `per_second` events through, and that many at once after a quiet second. For one thread.
class TokenBucket {
public:
    TokenBucket(unsigned per_second, std::uint64_t ticks_per_second)
        : ticks_per_token_(ticks_per_second / (per_second == 0 ? 1 : per_second)),
          capacity_(per_second), tokens_(per_second) {}

    /// A clock that goes back earns nothing until it has caught up.
    [[nodiscard]] bool take(std::uint64_t now) noexcept {
        if (now > last_) earn(now);
        if (tokens_ == 0) return false;
        --tokens_;
        return true;
    }
    /// What was taken for an event turned out not to be needed.
    void give_back() noexcept {
        if (tokens_ < capacity_) ++tokens_;
    }

private:
    void earn(std::uint64_t now) noexcept {
        const auto earned = (now - last_) / ticks_per_token_;
        const bool full = earned >= capacity_ - tokens_;
        tokens_ = full ? capacity_ : tokens_ + earned;
        last_ = full ? now : last_ + earned * ticks_per_token_; // parts of a token are kept
    }

    std::uint64_t ticks_per_token_;
    std::uint64_t capacity_;
    std::uint64_t tokens_;
    std::uint64_t last_ = 0;
};

} // namespace sweepgate::filter
