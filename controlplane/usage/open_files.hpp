// SPDX-License-Identifier: Apache-2.0
// File descriptors. libzmq 4.3.4 aborts where one is missing when a local peer connects, and goes
// silent where it is missing before; so there are enough at the start, or none is opened.
#pragma once

#include <cstdint>

#include "controlplane/model/result.hpp"

namespace sweepgate::usage {

inline constexpr std::uint64_t kOpenFiles = 256;        // of a program that serves its own box
inline constexpr std::uint64_t kOpenFilesServer = 4096; // and of one that serves others over TCP

inline constexpr std::uint64_t kOpenFilesMost = 65'536; // as the units have it

/// Raises the soft limit (ulimit -n) towards kOpenFilesMost, as far as the hard one lets. Errors:
/// refused where that is below `least`.
[[nodiscard]] Status open_files(std::uint64_t least);

} // namespace sweepgate::usage
