// SPDX-License-Identifier: Apache-2.0
// The one way in which a daemon reads a file that somebody else may have put there.
#pragma once

#include <filesystem>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate {

/// A whole regular file of at most `limit` bytes. A fifo, a folder or a device in its place is an
/// error at once and never waited for. Errors: not_found, io, each naming the path.
[[nodiscard]] Result<std::string> read_regular_file(const std::filesystem::path& path,
                                                    std::size_t limit);

} // namespace sweepgate
