// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace sweepgate {

/// Of every program of this tree; set by the root CMakeLists.txt.
inline constexpr std::string_view kVersion = SWEEPGATE_VERSION;

} // namespace sweepgate
