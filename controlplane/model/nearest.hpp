// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word closest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sweepgate {

/// Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other.
[[nodiscard]] std::size_t edit_distance(std::string_view from, std::string_view to);

/// The closest word, or "" when none is within a third of the length (at least 2 edits), nor
/// begins with it.
[[nodiscard]] std::string nearest_word(std::string_view word, std::span<const std::string> known);

/// "; did you mean 'icq'?" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known);

/// "is not drop, reject or pass; did you mean 'drop'?": behind a word that is none of `known`.
[[nodiscard]] std::string not_one_of(std::string_view word, std::span<const std::string> known);

} // namespace sweepgate
