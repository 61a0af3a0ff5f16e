// SPDX-License-Identifier: Apache-2.0
// What the controller says at each beacon, signed, so that whoever passes beacons on can neither
// stop time nor take it back unseen. A session is one life of a controller; within it the count
// rises. 136 bytes, all numbers big-endian:
//
//   magic "SWEEPGB" 0x01 (8), key id (8), session (8), count (8), generation (8), digest (32),
//   Ed25519 signature over those (64)
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "controlplane/model/snapshot.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

struct BeaconProof {
    std::uint64_t session = 0;
    std::uint64_t count = 0;
    Generation generation = 0;
    Digest digest{};
};

inline constexpr std::size_t kBeaconProofBytes = 136;

[[nodiscard]] std::string seal_proof(const BeaconProof& proof, const SigningKey& key);
/// Errors: bad_input, refused (no key of `keys` signed it).
[[nodiscard]] Result<BeaconProof> open_proof(std::string_view bytes,
                                             std::span<const VerifyKey> keys);

/// When something new was last heard of the controller itself.
class Freshness {
public:
    using Clock = std::chrono::steady_clock;

    explicit Freshness(Clock::time_point now) : fresh_at_(now) {}
    /// False for a repetition, which is all that an upstream has that keeps the newer ones back.
    /// Two controllers may take turns; the counts of the last 64 sessions are known.
    bool take(const BeaconProof& proof, Clock::time_point now);
    [[nodiscard]] Clock::duration age(Clock::time_point now) const { return now - fresh_at_; }
    /// What the controller said last.
    [[nodiscard]] const BeaconProof& last() const { return last_; }
    /// Nothing is expected of a connection that has just been made.
    void begin(Clock::time_point now) { fresh_at_ = now; }

private:
    BeaconProof last_;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> counts_; // by session
    Clock::time_point fresh_at_;
};

} // namespace sweepgate::wire
