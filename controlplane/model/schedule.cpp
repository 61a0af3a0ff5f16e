// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/schedule.hpp"

#include <algorithm>
#include <array>

namespace sweepgate {

namespace {

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<unsigned> two_digits(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
    return static_cast<unsigned>(text[0] - '0') * 10U + static_cast<unsigned>(text[1] - '0');
}

} // namespace

bool Schedule::is_in_force(const CivilTimes& times) const {
    const unsigned now = times.on(clock);
    const auto begins_on = [&](unsigned day) { return (days >> day & 1U) != 0; };
    const auto today = now / kMinutesPerDay;
    const auto yesterday = (today + 6) % 7;
    const auto minute = now % kMinutesPerDay;
    if (begins_on(today) && minute >= from && minute - from < length()) return true;
    return begins_on(yesterday) && minute + kMinutesPerDay - from < length();
}

std::string_view to_string(Clock clock) {
    switch (clock) {
    case Clock::local: return "local";
    case Clock::utc: return "utc";
    }
    return "unknown";
}

std::string_view day_word(unsigned day) { return kDays.at(day); }

std::optional<unsigned> day_from(std::string_view word) {
    const auto found = std::find(kDays.begin(), kDays.end(), word);
    if (found == kDays.end()) return std::nullopt;
    return static_cast<unsigned>(found - kDays.begin());
}

std::string hour_text(unsigned minutes) {
    const auto two = [](unsigned number) {
        return std::string(number < 10 ? "0" : "") + std::to_string(number);
    };
    return two(minutes / 60) + ":" + two(minutes % 60);
}

std::optional<unsigned> hour_from(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hours = two_digits(text.substr(0, 2));
    const auto minutes = two_digits(text.substr(3));
    if (!hours || !minutes || *minutes > 59) return std::nullopt;
    const auto all = *hours * 60 + *minutes;
    return all <= kMinutesPerDay ? std::optional(all) : std::nullopt;
}

std::string to_text(WeekMinute minute) {
    return std::string(day_word(minute / kMinutesPerDay)) + " " +
           hour_text(minute % kMinutesPerDay);
}

std::optional<WeekMinute> week_minute_from(std::string_view text) {
    if (text.size() != 9 || text[3] != ' ') return std::nullopt;
    const auto day = day_from(text.substr(0, 3));
    const auto minutes = hour_from(text.substr(4));
    if (!day || !minutes || *minutes == kMinutesPerDay) return std::nullopt;
    return static_cast<WeekMinute>(*day * kMinutesPerDay + *minutes);
}

std::string days_text(std::uint8_t days) {
    if (days == kEveryDay) return "every day";
    std::string text;
    for (unsigned day = 0; day < 7; ++day) {
        if ((days >> day & 1U) == 0) continue;
        auto last = day;
        while (last < 6 && (days >> (last + 1) & 1U) != 0) ++last;
        if (!text.empty()) text += ", ";
        text += day_word(day);
        if (last > day) text.append(last == day + 1 ? ", " : "-").append(day_word(last));
        day = last;
    }
    return text;
}

std::string hours_text(const Schedule& schedule) {
    return days_text(schedule.days) + " " + hour_text(schedule.from) + "-" +
           hour_text(schedule.to) + " " + std::string(to_string(schedule.clock));
}

} // namespace sweepgate
