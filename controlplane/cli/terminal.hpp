// SPDX-License-Identifier: Apache-2.0
// What the reader's screen can show, and text made to fit it. A stream knows its screen, so that
// whoever writes to it need not be told: by default it is boundless and of UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sweepgate::cli {

inline constexpr std::size_t kBoundless = std::numeric_limits<int>::max();

struct Screen {
    std::size_t columns = kBoundless;
    bool ascii = false; // the locale has no UTF-8

    friend bool operator==(const Screen&, const Screen&) = default;
};

/// The one behind file descriptor `output`. A terminal tells its width; where it does not,
/// COLUMNS does, else it has 80. Anything else (a pipe, a file) is boundless unless COLUMNS is in
/// the environment. The locale is that of LC_ALL, LC_CTYPE or LANG, the first that is set.
[[nodiscard]] Screen screen_behind(int output);

void set_screen(std::ostream& out, const Screen& screen);
[[nodiscard]] Screen screen_of(std::ostream& out);

/// Columns that it takes: combining characters none, ideographs two.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// "≈97 %" -> "~97 %", "±0" -> "+/-0", "█▒·" -> "#=.", "…" -> "..."; '?' for what has no such form.
[[nodiscard]] std::string in_ascii(std::string_view text);

/// What of it fits into `columns`, ended by an ellipsis when something is missing.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns, bool ascii = false);

/// Broken at blanks into lines of at most `columns`; a word longer than that is broken anywhere.
/// Never empty.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// A whole page for `screen`: no control character but the line feed, ASCII where it must be, and
/// lines that are too long broken at blanks, continued below where their text began.
[[nodiscard]] std::string fitted(std::string_view page, const Screen& screen);

/// 12345 -> "12,345".
[[nodiscard]] std::string grouped(std::uint64_t number);

/// Compact JSON that is safe on a terminal: control characters of every kind (see is_control())
/// are escaped, and what is no UTF-8 is replaced.
[[nodiscard]] std::string json_text(const nlohmann::json& value);
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value);

} // namespace sweepgate::cli
