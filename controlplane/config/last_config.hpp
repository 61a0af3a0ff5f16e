// SPDX-License-Identifier: Apache-2.0
// The configuration of the last good start, for a start whose file has become wrong since: a
// running daemon would not notice it either.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "controlplane/model/result.hpp"

namespace sweepgate::config {

/// Where the copy of a configuration file lies in a state folder.
[[nodiscard]] std::filesystem::path last_config_path(const std::filesystem::path& state,
                                                     const std::filesystem::path& file);

/// Nothing but white space: what an accident leaves, where a copy of before says more.
[[nodiscard]] bool is_blank(std::string_view text);

/// The folder that a broken file's line `state = "..."` names, or `otherwise`.
[[nodiscard]] std::filesystem::path state_named_in(const std::filesystem::path& file,
                                                   const std::filesystem::path& otherwise);

} // namespace sweepgate::config
