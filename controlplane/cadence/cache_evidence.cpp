// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cadence/cache_evidence.hpp"

namespace sweepgate {

namespace {
constexpr unsigned kEnough = 4;
constexpr unsigned kRemembered = 64; // then all counts are halved, so that a change shows
} // namespace

void CacheEvidence::saw(std::uint8_t server, bool repeated) {
    auto& seen = seen_[server % kServers];
    ++(repeated ? seen.repeated : seen.different);
    if (seen.repeated + seen.different < kRemembered) return;
    seen.repeated /= 2;
    seen.different /= 2;
}

bool CacheEvidence::repeats_itself(std::uint8_t server) const {
    const auto& seen = seen_[server % kServers];
    return seen.repeated >= kEnough && seen.repeated > 4 * seen.different;
}

} // namespace sweepgate
