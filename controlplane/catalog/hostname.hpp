// SPDX-License-Identifier: Apache-2.0
// Names as they go into DNS queries, and the brace patterns of the catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate {

/// A lower-case hostname without a trailing dot: 1..253 characters, at least two labels of
/// 1..63 letters, digits, '-' and '_' (a leading '_' is a service label), no '-' at a label's
/// ends. A wildcard is refused: DNS has no query for "every name below". Source: RFC 1035,
/// section 2.3.4; RFC 1123, section 2.1; RFC 2782.
[[nodiscard]] Result<std::string> parse_hostname(std::string_view text);

/// Expands "{1..16}" (decimal, ascending) and "{a,b}"; several braces multiply. At most
/// kMaxExpansion names. Every result is a hostname.
[[nodiscard]] Result<std::vector<std::string>> expand_pattern(std::string_view pattern);
inline constexpr std::size_t kMaxExpansion = 1024;

/// True when `name` is `zone` or ends in ".zone".
[[nodiscard]] bool is_under(std::string_view name, std::string_view zone);

} // namespace sweepgate
