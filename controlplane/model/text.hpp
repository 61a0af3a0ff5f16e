// SPDX-License-Identifier: Apache-2.0
// Text that came from a network or a file, on its way to a log or a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sweepgate {

/// One character of UTF-8.
struct Character {
    char32_t code = 0;      // U+FFFD where the bytes are no UTF-8
    std::size_t length = 1; // in bytes
};

/// The first of `text`, which is not empty. Bytes that are no UTF-8 are taken one by one.
[[nodiscard]] Character first_character(std::string_view text);

/// Characters that steer a terminal or turn the order of what is read: C0, DEL, C1, line and
/// paragraph separators, directional marks, embeddings, overrides and isolates.
[[nodiscard]] bool is_control(char32_t code);

/// Each control character, and each byte that is no UTF-8 (a terminal of eight bits takes 9B for
/// CSI), becomes one '?'. What has no width is shown by its number, "\u{FEFF}": a byte order mark
/// or a space of no width would make a text look like another one.
[[nodiscard]] std::string printable(std::string_view text);

/// For text that should be ASCII: every other character by its number, a byte that is no UTF-8 as
/// "\xFF", control characters as '?'. At most `most` bytes of `text` are shown.
[[nodiscard]] std::string escaped(std::string_view text, std::size_t most = 80);

} // namespace sweepgate
