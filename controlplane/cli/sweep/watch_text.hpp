// SPDX-License-Identifier: Apache-2.0
// A watch in words: a line for each change, or a screen that is drawn again in its place.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <iosfwd>
#include <string>

#include "controlplane/cli/sweep/watch_list.hpp"

namespace sweepgate::cli {

using WallClock = std::chrono::system_clock;

/// "TIME = NAME TYPE STATUS TTL VALUE...", "TIME + NAME TYPE VALUE", "TIME - NAME TYPE VALUE",
/// "TIME ! NAME TYPE STATUS (was STATUS)"; without a line feed. Times are RFC 3339 in UTC.
[[nodiscard]] std::string watch_line(const WatchChange& change, WallClock::time_point time);
/// One JSON object: kind ("change"), time, change ("first", "appeared", "gone", "status"), name,
/// type, status, before (the earlier status, or null), ttl, values.
[[nodiscard]] std::string watch_json(const WatchChange& change, WallClock::time_point time);

struct ScreenSize {
    std::size_t rows = 24;
    std::size_t columns = 80;
};

class WatchScreen {
public:
    explicit WatchScreen(std::ostream& out) : out_(out) {}

    void note(std::string line); // the newest changes stand at the bottom
    /// Draws over what it drew before; never more than fits.
    void draw(std::span<const Watched> rows, const std::string& headline,
              WatchClock::time_point now, ScreenSize size);

private:
    std::ostream& out_;
    std::deque<std::string> newest_;
    std::size_t drawn_ = 0; // lines on the screen
};

} // namespace sweepgate::cli
