// SPDX-License-Identifier: Apache-2.0
// Random bits for query ids and 0x20 case: an off-path forger must not guess them (RFC 5452).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sweepgate::dns {

/// The kernel's random numbers, fetched 4 KiB at a time. Not thread-safe.
class Entropy {
public:
    [[nodiscard]] std::uint64_t bits();

private:
    void refill();

    std::array<std::uint64_t, 512> pool_{};
    std::size_t used_ = pool_.size();
};

} // namespace sweepgate::dns
