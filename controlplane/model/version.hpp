// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace sweepgate {

/// Of every program of this tree; set by the root CMakeLists.txt.
inline constexpr std::string_view kVersion = SWEEPGATE_VERSION;

/// "5f2c1a9", "5f2c1a9-dirty" with changes that are not committed, "unknown" outside a clone.
[[nodiscard]] std::string_view commit();

/// "0.1.0 (git 5f2c1a9, wire schema 3)". `schema`: of the snapshots that it writes and reads.
[[nodiscard]] inline std::string version_text(unsigned schema) {
    return std::string(kVersion) + " (git " + std::string(commit()) + ", wire schema " +
           std::to_string(schema) + ")";
}

} // namespace sweepgate
