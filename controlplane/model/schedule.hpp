// SPDX-License-Identifier: Apache-2.0
// When other actions hold than at all other times: by weekday and hour, on a clock of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/system.hpp"

namespace sweepgate {

inline constexpr unsigned kMinutesPerDay = 24 * 60;
inline constexpr unsigned kMinutesPerWeek = 7 * kMinutesPerDay;

/// Minutes since Monday, 00:00; below kMinutesPerWeek.
using WeekMinute = std::uint16_t;

/// Whose hours a schedule counts.
enum class Clock : std::uint8_t {
    local = 1, // the appliance's own time zone, summer time included
    utc = 2,
};

/// One moment on both clocks.
struct CivilTimes {
    WeekMinute local = 0;
    WeekMinute utc = 0;

    [[nodiscard]] WeekMinute on(Clock clock) const { return clock == Clock::utc ? utc : local; }
    friend bool operator==(const CivilTimes&, const CivilTimes&) = default;
};

inline constexpr std::uint8_t kEveryDay = 0x7F;

struct Schedule {
    std::string name;
    std::uint8_t days = kEveryDay; // bit 0 is Monday; the day on which it begins
    std::uint16_t from = 0;        // minutes since midnight, below kMinutesPerDay
    std::uint16_t to = 0;          // likewise, not included; not above `from`: on the day after
    Clock clock = Clock::local;
    /// [group][system]; nothing: it leaves the cell as it is.
    std::vector<std::vector<std::optional<Action>>> actions;

    friend bool operator==(const Schedule&, const Schedule&) = default;

    /// Minutes from its beginning to its end: a whole day when `from` and `to` are equal.
    [[nodiscard]] unsigned length() const {
        return to > from ? to - from : kMinutesPerDay - from + to;
    }
    [[nodiscard]] bool is_in_force(const CivilTimes& times) const;
};

[[nodiscard]] std::string_view to_string(Clock clock);
/// "mon", ... "sun"; `day` below 7.
[[nodiscard]] std::string_view day_word(unsigned day);
[[nodiscard]] std::optional<unsigned> day_from(std::string_view word);
/// "08:05" of minutes since midnight.
[[nodiscard]] std::string hour_text(unsigned minutes);
/// Two digits, a colon, two digits: "00:00" to "23:59", and "24:00", which is kMinutesPerDay.
[[nodiscard]] std::optional<unsigned> hour_from(std::string_view text);
/// "mon 08:05".
[[nodiscard]] std::string to_text(WeekMinute minute);
[[nodiscard]] std::optional<WeekMinute> week_minute_from(std::string_view text);
/// "mon-fri", "sat, sun", "every day".
[[nodiscard]] std::string days_text(std::uint8_t days);
/// "mon-fri 08:00-18:00 utc".
[[nodiscard]] std::string hours_text(const Schedule& schedule);

} // namespace sweepgate
