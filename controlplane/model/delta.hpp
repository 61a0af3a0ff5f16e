// SPDX-License-Identifier: Apache-2.0
// The way from one snapshot to the next. Law: apply(a, diff(a, b)) == b.
#pragma once

#include <optional>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

/// Applies only on top of `base`; the receiver then holds `next`.
struct Delta {
    Generation base = 0;
    Generation next = 0;
    Digest base_digest{};
    Digest next_digest{};
    Instant issued_at{};
    Instant expires_at{};
    std::optional<Ruleset> rules; // only when they changed
    std::vector<Prefix> removed;  // sorted; prefixes of base entries
    std::vector<Entry> added;     // sorted; classes index the next ruleset

    friend bool operator==(const Delta&, const Delta&) = default;
};

[[nodiscard]] Delta diff(const Snapshot& from, const Snapshot& to);

/// Errors: stale_generation when `held` is not the delta's base, bad_input when the outcome is
/// not the snapshot the delta promised.
[[nodiscard]] Result<Snapshot> apply(const Snapshot& held, const Delta& delta);
/// The same for a holder who knows the digest of what it holds: a digest takes as long as all the
/// rest at 100k entries.
[[nodiscard]] Result<Snapshot> apply(const Snapshot& held, const Digest& held_digest,
                                     const Delta& delta);

} // namespace sweepgate
