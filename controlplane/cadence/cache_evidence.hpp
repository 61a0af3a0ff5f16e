// SPDX-License-Identifier: Apache-2.0
// Which servers are caches that repeat themselves: asked again before the TTL has run out they gave
// the same answer with a TTL that had fallen. Asking such a one within the TTL is no second draw.
#pragma once

#include <array>
#include <cstdint>

namespace sweepgate {

class CacheEvidence {
public:
    static constexpr std::size_t kServers = 32; // as many as SweepOptions may have

    void saw(std::uint8_t server, bool repeated);
    /// Enough has been seen, and nearly all of it says so.
    [[nodiscard]] bool repeats_itself(std::uint8_t server) const;

private:
    struct Seen {
        unsigned repeated = 0;
        unsigned different = 0;
    };
    std::array<Seen, kServers> seen_{};
};

} // namespace sweepgate
