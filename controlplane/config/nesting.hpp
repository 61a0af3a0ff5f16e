// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what toml++ 3.3.0 must not be given. It recurses once for each part of
// a dotted key and has no bound for that (later versions have), so a line of a.a.a.a... of 80 kB
// would end the program: in a controller, on a viewer's request.
#pragma once

#include <optional>
#include <string_view>

#include "controlplane/config/faults.hpp"

namespace sweepgate::config {

inline constexpr unsigned kMostDottedParts = 16;

/// Where a key of more parts stands, outside strings and comments.
[[nodiscard]] std::optional<Place> too_many_parts(std::string_view text);

} // namespace sweepgate::config
