// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/timeline.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sweepgate::cli {

namespace {

std::ptrdiff_t column_of(const Span& whole, Instant time, std::ptrdiff_t columns) {
    const auto length = std::max<std::ptrdiff_t>((whole.end - whole.begin).count(), 1);
    const auto at = std::clamp<std::ptrdiff_t>((time - whole.begin).count(), 0, length);
    return std::min(columns - 1, at * columns / length);
}

} // namespace

std::optional<Instant> instant_from(std::string_view text) {
    const std::string copy(text);
    std::tm parts{};
    const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || end != copy.c_str() + copy.size()) return std::nullopt;
    return Instant(std::chrono::seconds(timegm(&parts)));
}

Instant this_second() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string instant_text(Instant time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time.time_since_epoch().count()));
}

std::string clock_text(const std::string& rfc3339, Instant now) {
    const auto time = instant_from(rfc3339);
    if (!time) return rfc3339;
    const auto then = fmt::gmtime(time->time_since_epoch().count());
    const auto today = fmt::gmtime(now.time_since_epoch().count());
    if (then.tm_year != today.tm_year) return rfc3339;
    return then.tm_yday == today.tm_yday ? fmt::format("{:%H:%M:%SZ}", then)
                                         : fmt::format("{:%m-%dT%H:%MZ}", then);
}

std::string timeline(const Span& whole, std::span<const Span> spans, bool held,
                     std::size_t columns) {
    std::vector<std::string_view> drawn(columns, "·");
    const auto width = static_cast<std::ptrdiff_t>(columns);
    for (const auto& span : spans) {
        const auto first = column_of(whole, span.begin, width);
        // Of no time at all it fills the whole.
        const auto last = whole.begin == whole.end ? width - 1 : column_of(whole, span.end, width);
        std::fill(drawn.begin() + first, drawn.begin() + last + 1, "█");
        const bool is_last = &span == &spans.back();
        if (is_last && held) std::fill(drawn.begin() + last + 1, drawn.end(), "▒");
    }
    return fmt::format("{}", fmt::join(drawn, ""));
}

std::string duration_text(std::chrono::seconds duration) {
    const auto seconds = std::max<long long>(duration.count(), 0);
    const auto two = [](long long large, const char* unit, long long small, const char* rest) {
        return small == 0 ? fmt::format("{} {}", large, unit)
                          : fmt::format("{} {} {} {}", large, unit, small, rest);
    };
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min", seconds / 60);
    if (seconds < 86'400) return two(seconds / 3600, "h", seconds / 60 % 60, "min");
    return two(seconds / 86'400, "d", seconds / 3600 % 24, "h");
}

} // namespace sweepgate::cli
