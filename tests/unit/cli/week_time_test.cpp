// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/week_time.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;

namespace {

std::string read(std::string_view text) {
    std::tm now{};
    now.tm_wday = 0; // Sunday
    now.tm_hour = 7;
    now.tm_min = 5;
    return week_time(text, now).value_or("refused");
}

} // namespace

TEST_GROUP(WeekTime){};

TEST(WeekTime, IsTakenAsPeopleWriteIt) {
    for (const auto* text : {"mon 12:30", "Mon 12:30", "MONDAY 12:30", "monday 12:30", "mond 12:30",
                             "2026-11-30 12:30", "2026-11-30T12:30", "2026-11-30T12:30:59"})
        STRCMP_EQUAL("mon 12:30", read(text).c_str());
    STRCMP_EQUAL("tue 09:05", read("Tuesday 9:05").c_str());
    STRCMP_EQUAL("sun 07:05", read("now").c_str());
}

TEST(WeekTime, IsRefusedWhereItIsNone) {
    for (const auto* text :
         {"", "noon", "mon", "mo 12:30", "mondays 12:30", "mon 24:00", "mon 12:60",
          "2026-02-30T12:30", "2026-11-30", "2026-11-30T12:30:99", "mon  12:30"})
        STRCMP_EQUAL("refused", read(text).c_str());
}
