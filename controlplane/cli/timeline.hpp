// SPDX-License-Identifier: Apache-2.0
// Time as a line of text: when something came, stayed and went.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sweepgate::cli {

using Instant = std::chrono::sys_seconds;

/// "2026-11-22T13:00:00Z" and nothing else (RFC 3339, UTC, whole seconds).
[[nodiscard]] std::optional<Instant> instant_from(std::string_view text);

[[nodiscard]] std::string instant_text(Instant time);
[[nodiscard]] Instant this_second();

/// The same for a column: "19:31:01Z" on the UTC day of `now`, else "11-22T19:31Z", or the whole of
/// it in another year. What is no such time comes back as it is.
[[nodiscard]] std::string clock_text(const std::string& rfc3339, Instant now);

struct Span {
    Instant begin;
    Instant end; // not before `begin`
};

/// `columns` characters for `whole`: '█' where one of the spans lies, '▒' from the end of the last
/// on when it is still held, '·' elsewhere. A span shorter than a column still takes one; a gap
/// between two takes none unless it is a whole column.
///   spans    in order, apart from each other; at least one
[[nodiscard]] std::string timeline(const Span& whole, std::span<const Span> spans, bool held,
                                   std::size_t columns);

/// "45 s", "12 min", "3 h 20 min", "5 d 4 h".
[[nodiscard]] std::string duration_text(std::chrono::seconds duration);

} // namespace sweepgate::cli
