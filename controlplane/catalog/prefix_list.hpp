// SPDX-License-Identifier: Apache-2.0
// A file with the networks of an autonomous system, say: one prefix or address a line, '#' and ';'
// start a comment, empty lines count for nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "controlplane/model/prefix.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxListed = 100'000; // prefixes in one file
inline constexpr std::size_t kMaxListBytes = std::size_t{8} << 20U;

struct ListedPrefix {
    Prefix prefix;
    unsigned line = 0;
};

/// Errors: io; bad_input naming file, line and value, for anything that is no prefix, host bits and
/// what exceeds kMaxListed.
[[nodiscard]] Result<std::vector<ListedPrefix>> load_prefix_list(const std::filesystem::path& path);
/// `name` stands for the file in errors.
[[nodiscard]] Result<std::vector<ListedPrefix>> parse_prefix_list(std::string_view text,
                                                                  std::string_view name);

/// A plain file name of letters, digits, '.', '-' and '_' that does not begin with a dot: whoever
/// may push a policy must not have other files of this machine read.
[[nodiscard]] bool is_list_name(std::string_view name);

} // namespace sweepgate
