// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/timetable.hpp"

#include <cstdlib>
#include <memory>

#include "controlplane/model/delta.hpp"
#include "tests/unit/model/random_snapshot.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

WeekMinute at(std::string_view text) {
    const auto minute = week_minute_from(text);
    if (!minute) FAIL("not a time");
    return *minute;
}

CivilTimes both(WeekMinute minute) { return {minute, minute}; }

/// The hours spelled out, one minute after the other from each day of its own.
bool is_in_force_naively(const Schedule& schedule, WeekMinute now) {
    for (unsigned day = 0; day < 7; ++day) {
        if ((schedule.days >> day & 1U) == 0) continue;
        auto minute = day * kMinutesPerDay + schedule.from;
        do {
            if (minute % kMinutesPerWeek == now) return true;
            ++minute;
        } while (minute % kMinutesPerDay != schedule.to);
    }
    return false;
}

Ruleset rules_of(std::vector<Schedule> schedules) {
    Ruleset rules;
    rules.systems = {{"aim", "AIM", "im", {}, {}}, {"irc", "IRC", "irc", {}, {}}};
    rules.groups = {{"everyone", {}}, {"staff", {}}};
    rules.actions = {{Action::drop, Action::drop}, {Action::reject, Action::pass}};
    rules.schedules = std::move(schedules);
    return rules;
}

using Cells = std::vector<std::vector<std::optional<Action>>>;
const Cells kUnchanged{{{}, {}}, {{}, {}}};

CivilTimes in_zone(const char* zone, long seconds) {
    setenv("TZ", zone, 1);
    const auto times = civil_times_at(std::chrono::system_clock::from_time_t(seconds));
    unsetenv("TZ");
    return times;
}

} // namespace

TEST_GROUP(Schedule){};

TEST(Schedule, AgreesWithTheNaiveModelInEveryMinuteOfTheWeek) {
    std::mt19937 random(7);
    for (unsigned round = 0; round < 40; ++round) {
        Schedule schedule{
            "made", static_cast<std::uint8_t>(1 + random() % kEveryDay), 0, 0, Clock::local, {}};
        schedule.from = static_cast<std::uint16_t>(random() % kMinutesPerDay);
        schedule.to =
            round % 5 == 0 ? schedule.from : static_cast<std::uint16_t>(random() % kMinutesPerDay);
        for (unsigned minute = 0; minute < kMinutesPerWeek; ++minute) {
            const auto now = static_cast<WeekMinute>(minute);
            CHECK_EQUAL(is_in_force_naively(schedule, now), schedule.is_in_force({now, 0}));
        }
    }
}

TEST(Schedule, OverMidnightBelongsToTheDayOnWhichItBegan) {
    const Schedule friday{"night", 1U << 4U, 22 * 60, 6 * 60, Clock::local, {}};
    CHECK_FALSE(friday.is_in_force(both(at("fri 05:59"))));
    CHECK_FALSE(friday.is_in_force(both(at("fri 21:59"))));
    CHECK_TRUE(friday.is_in_force(both(at("fri 22:00"))));
    CHECK_TRUE(friday.is_in_force(both(at("sat 05:59"))));
    CHECK_FALSE(friday.is_in_force(both(at("sat 06:00"))));
    CHECK_FALSE(friday.is_in_force(both(at("sat 22:00"))));
    const Schedule sunday{"night", 1U << 6U, 22 * 60, 6 * 60, Clock::local, {}};
    CHECK_TRUE(sunday.is_in_force(both(at("mon 00:00")))); // over the end of the week too
    const Schedule whole{"whole", 1U << 5U, 0, 0, Clock::local, {}};
    CHECK_TRUE(whole.is_in_force(both(at("sat 00:00"))));
    CHECK_TRUE(whole.is_in_force(both(at("sat 23:59"))));
    CHECK_FALSE(whole.is_in_force(both(at("sun 00:00"))));
}

TEST(Schedule, GoesByTheClockItNames) {
    Schedule schedule{"work", kEveryDay, 8 * 60, 18 * 60, Clock::local, {}};
    const CivilTimes times{at("mon 09:00"), at("mon 07:00")};
    CHECK_TRUE(schedule.is_in_force(times));
    schedule.clock = Clock::utc;
    CHECK_FALSE(schedule.is_in_force(times));
}

TEST(Schedule, ReadsAndWritesDaysAndHours) {
    STRCMP_EQUAL("mon-fri 08:00-18:00 utc",
                 hours_text({"x", 0x1F, 480, 1080, Clock::utc, {}}).c_str());
    STRCMP_EQUAL("every day 22:00-06:05 local",
                 hours_text({"x", kEveryDay, 1320, 365, Clock::local, {}}).c_str());
    STRCMP_EQUAL("mon, wed-fri, sun", days_text(0x5D).c_str());
    STRCMP_EQUAL("sat, sun", days_text(0x60).c_str());
    STRCMP_EQUAL("sun 23:59", to_text(static_cast<WeekMinute>(kMinutesPerWeek - 1)).c_str());
    for (unsigned minute = 0; minute < kMinutesPerWeek; ++minute)
        CHECK_EQUAL(minute, at(to_text(static_cast<WeekMinute>(minute))));
    for (const auto* text : {"", "mon", "mon 8:00", "mon 24:00", "mon 12:60", "foo 12:00",
                             "Mon 12:00", "mon  12:00", "mon 12:00 ", "mon 1a:00", "mon 12.00"})
        CHECK_FALSE(week_minute_from(text).has_value());
    CHECK_EQUAL(kMinutesPerDay, *hour_from("24:00"));
    CHECK_FALSE(hour_from("24:01").has_value());
}

TEST_GROUP(Timetable){};

TEST(Timetable, FollowsSummerTime) {
    // CET-1CEST: clocks go from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and back on
    // 2026-10-25 at 01:00 UTC.
    const auto* zone = "CET-1CEST,M3.5.0,M10.5.0/3";
    const auto winter = in_zone(zone, 1'774'745'999); // 2026-03-29 00:59:59 UTC, a Sunday
    CHECK_EQUAL(at("sun 01:59"), winter.local);
    CHECK_EQUAL(at("sun 00:59"), winter.utc);
    const auto summer = in_zone(zone, 1'774'746'000);
    CHECK_EQUAL(at("sun 03:00"), summer.local);
    CHECK_EQUAL(at("sun 01:00"), summer.utc);
    CHECK_EQUAL(at("sun 02:59"), in_zone(zone, 1'792'889'999).local);
    CHECK_EQUAL(at("sun 02:00"), in_zone(zone, 1'792'890'000).local);
    CHECK_EQUAL(at("mon 05:30"), in_zone("IST-5:30", 1'774'828'800).local); // 2026-03-30 00:00
    CHECK_EQUAL(at("thu 00:00"), in_zone("UTC0", 0).utc);
}

TEST(Timetable, LetsTheFirstOneListedDecideACell) {
    auto lunch = Schedule{"lunch", kEveryDay, 720, 780, Clock::local, kUnchanged};
    lunch.actions[0][0] = Action::pass;
    auto day = Schedule{"day", kEveryDay, 480, 1080, Clock::local, kUnchanged};
    day.actions[0] = {Action::monitor, Action::monitor};
    const auto rules = rules_of({lunch, day});
    const auto noon = schedules_at(rules, both(at("mon 12:30")));
    CHECK_EQUAL(3U, noon);
    CHECK_EQUAL(2U, names_of(rules, noon).size());
    STRCMP_EQUAL("lunch", names_of(rules, noon)[0].c_str());
    const ActionMatrix expected{{Action::pass, Action::monitor}, {Action::reject, Action::pass}};
    CHECK_TRUE(expected == actions_under(rules, noon));
    CHECK_TRUE(rules.actions == actions_under(rules, 0));
    const auto resolved = rules_under(rules, noon);
    CHECK_TRUE(resolved.actions == expected);
    CHECK_TRUE(resolved.schedules.empty());
}

TEST(Timetable, ForeseesTheNextChange) {
    const auto rules = rules_of({{"lunch", 0x1F, 720, 780, Clock::local, kUnchanged}});
    CHECK_EQUAL(30U, *minutes_until_change(rules, both(at("mon 12:30"))));
    CHECK_EQUAL(1U, *minutes_until_change(rules, both(at("mon 11:59"))));
    CHECK_EQUAL(23 * 60U + 2 * kMinutesPerDay, *minutes_until_change(rules, both(at("fri 13:00"))));
    CHECK_FALSE(minutes_until_change(rules_of({}), both(0)).has_value());
    const auto always = rules_of({{"always", kEveryDay, 0, 0, Clock::utc, kUnchanged}});
    CHECK_FALSE(minutes_until_change(always, both(5)).has_value());
}

TEST(Timetable, IsCheckedLikeAllRules) {
    auto parts = testing::random_parts(*std::make_unique<std::mt19937>(3));
    const Cells cells(parts.groups.size(),
                      std::vector<std::optional<Action>>(parts.systems.size(), Action::drop));
    parts.schedules = {{"night", 1, 5, 6, Clock::utc, cells}};
    const auto good = build_snapshot(parts, 1, {}, {}).value();
    const auto refusal = [&](auto change) {
        auto snapshot = good;
        change(snapshot.rules.schedules);
        const auto valid = validate(snapshot);
        return valid ? std::string("valid") : valid.error().what;
    };
    using Schedules = std::vector<Schedule>;
    STRCMP_EQUAL("valid", refusal([](Schedules&) {}).c_str());
    STRCMP_CONTAINS("not named", refusal([](Schedules& s) { s[0].name = "A"; }).c_str());
    STRCMP_CONTAINS("stands twice", refusal([](Schedules& s) { s.push_back(s[0]); }).c_str());
    STRCMP_CONTAINS("no day", refusal([](Schedules& s) { s[0].days = 0; }).c_str());
    STRCMP_CONTAINS("eighth", refusal([](Schedules& s) { s[0].days = 0x80; }).c_str());
    STRCMP_CONTAINS("behind 23:59", refusal([](Schedules& s) { s[0].to = 1440; }).c_str());
    STRCMP_CONTAINS("clock", refusal([](Schedules& s) { s[0].clock = Clock{3}; }).c_str());
    STRCMP_CONTAINS("rows", refusal([](Schedules& s) { s[0].actions.pop_back(); }).c_str());
    STRCMP_CONTAINS("width", refusal([](Schedules& s) { s[0].actions[0].pop_back(); }).c_str());
    STRCMP_CONTAINS("unknown action",
                    refusal([](Schedules& s) { s[0].actions[0][0] = Action{9}; }).c_str());
    STRCMP_CONTAINS("at most 64", refusal([](Schedules& s) { s.resize(65); }).c_str());
    parts.schedules[0].actions[0].pop_back();
    CHECK_FALSE(build_snapshot(parts, 1, {}, {}).has_value());
}

TEST(Timetable, IsPartOfTheDigestAndOfADelta) {
    std::mt19937 random(5);
    auto plain = testing::random_snapshot(random, 1);
    plain.rules.schedules.clear();
    auto timed = plain;
    timed.generation = 2;
    const Cells cells(plain.rules.groups.size(),
                      std::vector<std::optional<Action>>(plain.rules.systems.size()));
    timed.rules.schedules = {{"night", 1, 5, 6, Clock::utc, cells}};
    CHECK_FALSE(digest_of(plain) == digest_of(timed));
    for (const auto change : {0, 1, 2, 3, 4, 5}) {
        auto other = timed;
        auto& schedule = other.rules.schedules[0];
        if (change == 0) schedule.name = "day";
        if (change == 1) schedule.days = 2;
        if (change == 2) schedule.from = 4;
        if (change == 3) schedule.to = 7;
        if (change == 4) schedule.clock = Clock::local;
        if (change == 5) schedule.actions[0][0] = Action::pass;
        CHECK_FALSE(digest_of(other) == digest_of(timed));
    }
    CHECK_TRUE(apply(plain, diff(plain, timed)).value() == timed);
}
