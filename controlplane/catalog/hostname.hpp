// SPDX-License-Identifier: Apache-2.0
// Names as they go into DNS queries, and the brace patterns of the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate {

/// canonical_name() of what is to be asked for again and again: at least two labels. An address or
/// prefix is refused with the place where it belongs.
[[nodiscard]] Result<std::string> parse_hostname(std::string_view text);

/// Expands "{1..16}" (decimal, ascending) and "{a,b}"; several braces multiply. At most
/// kMaxExpansion names. Every result is a hostname.
[[nodiscard]] Result<std::vector<std::string>> expand_pattern(std::string_view pattern);
inline constexpr std::size_t kMaxExpansion = 1024;

/// True when `name` is `zone` or ends in ".zone".
[[nodiscard]] bool is_under(std::string_view name, std::string_view zone);

} // namespace sweepgate
