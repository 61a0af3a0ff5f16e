// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the one snapshot a replica holds, and what may follow it. No I/O.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/trust_list.hpp"

namespace sweepgate::wire {

/// Verified, not yet enforced.
struct Candidate {
    Snapshot snapshot;
    Digest digest{};
    std::string chain;
    std::size_t links = 1;
};

class Holding {
public:
    explicit Holding(std::vector<VerifyKey> keys) : keys_(std::move(keys)) {}
    /// From now on. What is held stays. Beyond `most` a generation is refused, whoever signed it:
    /// nobody gets there by publishing in this epoch.
    void trust(std::vector<VerifyKey> keys, Generation most) {
        keys_ = std::move(keys);
        most_ = most;
    }

    [[nodiscard]] Generation generation() const { return held_ ? held_->snapshot.generation : 0; }
    [[nodiscard]] const std::optional<Candidate>& held() const { return held_; }
    [[nodiscard]] bool is_held(const Candidate& candidate) const {
        return held_ && held_->snapshot.generation == candidate.snapshot.generation;
    }

    /// A whole chain. Errors: refused (forged), bad_input (malformed), conflict (older than what
    /// is held, of its generation with other content, or beyond the epoch).
    [[nodiscard]] Result<Candidate> open(std::string chain) const;
    /// One sealed delta on top of what is held. Errors: refused, bad_input; conflict when it leads
    /// nowhere newer; stale_generation when it starts elsewhere or the chain is full: fetch.
    [[nodiscard]] Result<Candidate> extend(std::string_view sealed_delta);
    void accept(Candidate candidate);

private:
    std::vector<VerifyKey> keys_;
    Generation most_ = last_of(0);
    std::optional<Candidate> held_;
    /// Entries held before, for the next ones to be written over: megabytes that the system would
    /// otherwise map, clear and unmap while a delta waits for its turn.
    std::vector<Entry> storage_;
};

} // namespace sweepgate::wire
