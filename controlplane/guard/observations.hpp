// SPDX-License-Identifier: Apache-2.0
// What an observer of the site's own traffic saw, as a text file of an administrator: one line an
// address, then the names seen on it, or only how many.
//
//     203.0.113.7 shop.example.org www.example.net
//     203.0.113.9 120
//     # a comment
#pragma once

#include <string_view>

#include "controlplane/guard/guard.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxObservedAddresses = 100'000;
inline constexpr std::size_t kMaxObservedNames = 32; // of one address; more are counted
inline constexpr std::size_t kMaxObservedBytes = std::size_t{16} << 20U;

///   name     stands for the file in errors
///   errors   bad_input naming line and word; more addresses than the bound
[[nodiscard]] Result<Observations> parse_observations(std::string_view text, std::string_view name);

} // namespace sweepgate
