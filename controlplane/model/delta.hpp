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

// What apply() costs, with n entries held and d of them changed: d log n to find and check the
// changes, since `held` was checked when it was taken in and neighbours are new to each other only
// where something changes; n to copy the rest, as runs, and to compute the digest, which is
// three quarters of it at 100k (2.6 MB of BLAKE2b). Rules are checked only when the delta has some.

/// `held` passes validate(), and so does what is returned. Errors: stale_generation when `held`
/// is not the delta's base; bad_input when the outcome is not a valid snapshot, or not the one
/// the delta promised.
[[nodiscard]] Result<Snapshot> apply(const Snapshot& held, const Delta& delta);
/// The same for a holder who knows the digest of what it holds.
///   storage  what lies in it is forgotten; entries of about as many are written without asking
///            the system for memory
[[nodiscard]] Result<Snapshot> apply(const Snapshot& held, const Digest& held_digest,
                                     const Delta& delta, std::vector<Entry> storage = {});

} // namespace sweepgate
