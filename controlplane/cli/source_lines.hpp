// SPDX-License-Identifier: Apache-2.0
// Faults of files as compilers show them: below each place the line of the file and a caret.
//
//     policy.toml:2:1: unknown system 'whatsap'; did you mean 'whatsapp'?
//       whatsap = "block"
//       ^~~~~~~
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sweepgate::cli {

/// A text that faults are about, by the name that faults give it. What was read from a pipe can
/// not be read again, so it is remembered.
void remember_source(const std::string& name, std::string text);

/// Faults of a text that was sent without its name say "policy:2:1: ..."; its user typed another.
void call_source(const std::string& sent_as, const std::string& typed);

/// Where source lines may come from. What a controller says may name a file of its machine, so
/// only what was sent to it is shown then.
enum class Sources : std::uint8_t { remembered, files };

/// "sweepgate: what", or where it is faults of files those lines; when standard error is a
/// terminal with the lines of their sources.
[[nodiscard]] std::string told_with_lines(const std::string& what, Sources sources,
                                          const std::string& program = "sweepgate");

/// The same, always with source lines.
[[nodiscard]] std::string shown_with_lines(const std::string& what, Sources sources,
                                           const std::string& program);

} // namespace sweepgate::cli
