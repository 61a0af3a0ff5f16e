// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/timeline.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

namespace sweepgate::cli {

namespace {

std::size_t column_of(const Span& whole, Instant time, std::size_t columns) {
    const auto length = std::max<long long>((whole.end - whole.begin).count(), 1);
    const auto at = std::clamp<long long>((time - whole.begin).count(), 0, length);
    return std::min(columns - 1,
                    static_cast<std::size_t>(at) * columns / static_cast<std::size_t>(length));
}

} // namespace

std::optional<Instant> instant_from(std::string_view text) {
    const std::string copy(text);
    std::tm parts{};
    const char* end = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (end == nullptr || end != copy.c_str() + copy.size()) return std::nullopt;
    return Instant(std::chrono::seconds(timegm(&parts)));
}

std::string timeline(const Span& whole, const Span& sighting, bool held, std::size_t columns) {
    const auto first = column_of(whole, sighting.begin, columns);
    // Of no time at all it fills the whole.
    const auto last =
        whole.begin == whole.end ? columns - 1 : column_of(whole, sighting.end, columns);
    std::string line;
    for (std::size_t column = 0; column < columns; ++column)
        line += column < first ? "·" : column <= last ? "█" : held ? "▒" : "·";
    return line;
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
