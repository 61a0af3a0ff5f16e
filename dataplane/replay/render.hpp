// SPDX-License-Identifier: Apache-2.0
// An outcome for people and for programs.
#pragma once

#include <string>

#include "dataplane/replay/replay.hpp"

namespace sweepgate::replay {

/// What was judged by what.
struct Subject {
    std::string capture;
    Generation generation = 0;
    Digest digest{};
};

/// Totals by verdict, then the `most` rows of clients with most packets.
[[nodiscard]] std::string to_text(const Subject& subject, const Outcome& outcome,
                                  const std::vector<System>& systems, std::size_t most);
/// The same as one JSON object. Keys are added to, never renamed; times are seconds since 1970
/// with nanoseconds behind the point, as text; absent values are null.
[[nodiscard]] std::string to_json(const Subject& subject, const Outcome& outcome,
                                  const std::vector<System>& systems, std::size_t most);

} // namespace sweepgate::replay
