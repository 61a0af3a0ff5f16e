// SPDX-License-Identifier: Apache-2.0
// The mark that a restored backup bears in its state folder: what the next start has to know.
//
//   restored.json   {"made": seconds since the epoch, "restored": likewise, "newest": generation}
//
// It stands until a person pushes a policy or goes back to one, and an alarm with it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controlplane/model/result.hpp"
#include "controlplane/model/snapshot.hpp"

namespace sweepgate::controller {

struct Restored {
    Instant made{};        // the backup
    Instant restored{};    // by the clock of the machine it came to
    Generation newest = 0; // that the backup knows

    /// No generation that may have been published between the two is above it: at most one a second
    /// is, and people and gates add few. A clock that is off counts for nothing.
    [[nodiscard]] Generation bound() const;
};

/// "2026-11-22T10:00:00Z".
[[nodiscard]] std::string time_text(Instant instant);

[[nodiscard]] std::filesystem::path restored_mark(const std::filesystem::path& state);
[[nodiscard]] std::string to_text(const Restored& restored);
/// Nothing where there is no mark. Errors: bad_input, io.
[[nodiscard]] Result<std::optional<Restored>> load_restored(const std::filesystem::path& state);

} // namespace sweepgate::controller
