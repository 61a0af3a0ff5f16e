// SPDX-License-Identifier: Apache-2.0
// An hour of the week as people write it: "mon 12:30", "Monday 12:30", "2026-11-30T12:30", "now".
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace sweepgate::cli {

/// "mon 12:30", or nothing. A date stands for its weekday, seconds are left out; `now` is this
/// machine's local time.
[[nodiscard]] std::optional<std::string> week_time(std::string_view text, const std::tm& now);

} // namespace sweepgate::cli
