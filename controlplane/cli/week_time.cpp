// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/week_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "controlplane/model/schedule.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};

/// Three letters at least, and as many more of the name as one likes.
std::optional<unsigned> day_of(std::string_view word) {
    for (unsigned day = 0; day < kDays.size(); ++day)
        if (word.size() >= 3 && kDays[day].starts_with(word)) return day;
    return std::nullopt;
}

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// "2026-11-30"
std::optional<unsigned> day_of_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::weekday(std::chrono::sys_days(date)).iso_encoding() - 1;
}

/// "9:05", "09:05" and "09:05:59"
std::optional<std::string> hour_of(std::string_view text) {
    std::string hour(text);
    if (hour.size() > 1 && hour[1] == ':') hour.insert(0, 1, '0');
    if (hour.size() == 8 && hour[5] == ':') {
        const auto seconds = number(std::string_view(hour).substr(6));
        if (!seconds || *seconds > 60) return std::nullopt;
        hour.resize(5);
    }
    const auto minutes = hour_from(hour);
    if (!minutes || *minutes == kMinutesPerDay) return std::nullopt;
    return hour;
}

} // namespace

std::optional<std::string> week_time(std::string_view text, const std::tm& now) {
    std::string words(text);
    std::transform(words.begin(), words.end(), words.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (words == "now") {
        const auto day = static_cast<unsigned>((now.tm_wday + 6) % 7);
        return std::string(day_word(day)) + " " +
               hour_text(static_cast<unsigned>(now.tm_hour * 60 + now.tm_min));
    }
    const auto gap = words.size() > 10 && words[4] == '-' ? 10 : words.find(' ');
    if (gap == std::string::npos || (words[gap] != ' ' && words[gap] != 't')) return std::nullopt;
    const auto first = std::string_view(words).substr(0, gap);
    const auto day = day_of(first) ? day_of(first) : day_of_date(first);
    const auto hour = hour_of(std::string_view(words).substr(gap + 1));
    if (!day || !hour) return std::nullopt;
    return std::string(day_word(*day)) + " " + *hour;
}

} // namespace sweepgate::cli
