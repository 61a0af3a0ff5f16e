// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/timeline.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using std::chrono::seconds;

namespace {

Instant at(long long second) { return Instant(seconds(second)); }

} // namespace

TEST_GROUP(Timeline) {
    Span whole{at(1000), at(2000)};

    std::string drawn(const std::vector<Span>& spans, bool held) {
        return timeline(whole, spans, held, 10);
    }
    std::string drawn(long long first, long long last, bool held) {
        return drawn({{at(first), at(last)}}, held);
    }
};

TEST(Timeline, DrawsComingStayingAndGoing) {
    STRCMP_EQUAL("██████████", drawn(1000, 2000, true).c_str());
    STRCMP_EQUAL("···███▒▒▒▒", drawn(1300, 1500, true).c_str());
    STRCMP_EQUAL("···███····", drawn(1300, 1500, false).c_str());
}

TEST(Timeline, DrawsWhatCameWentAndCameBackWithTheGap) {
    STRCMP_EQUAL("███···███▒", drawn({{at(1000), at(1250)}, {at(1600), at(1850)}}, true).c_str());
    STRCMP_EQUAL(
        "█·█·█·····",
        drawn({{at(1000), at(1000)}, {at(1200), at(1250)}, {at(1400), at(1400)}}, false).c_str());
    STRCMP_EQUAL("███·······", drawn({{at(1000), at(1150)}, {at(1160), at(1250)}}, false).c_str());
}

TEST(Timeline, GivesTheShortestSightingAColumn) {
    STRCMP_EQUAL("·····█····", drawn(1500, 1500, false).c_str());
    STRCMP_EQUAL("·········█", drawn(2000, 2000, false).c_str());
    whole = {at(5), at(5)};
    STRCMP_EQUAL("██████████", drawn(5, 5, true).c_str());
}

TEST(Timeline, KeepsWhatLiesOutsideInside) {
    STRCMP_EQUAL("██████████", drawn(0, 9000, false).c_str());
}

TEST(Timeline, ReadsTheControllersInstantsOnly) {
    CHECK_TRUE(instant_from("1970-01-01T00:16:40Z") == at(1000));
    STRCMP_EQUAL("1970-01-01T00:16:40Z", instant_text(at(1000)).c_str());
    for (const auto* wrong : {"", "null", "1970-01-01", "1970-01-01T00:16:40Zx", "soon"})
        CHECK_FALSE(instant_from(wrong).has_value());
}

TEST(Timeline, SaysDurationsInTwoUnits) {
    STRCMP_EQUAL("45 s", duration_text(seconds(45)).c_str());
    STRCMP_EQUAL("12 min", duration_text(seconds(12 * 60 + 5)).c_str());
    STRCMP_EQUAL("3 h 20 min", duration_text(seconds(12'000)).c_str());
    STRCMP_EQUAL("5 d 4 h", duration_text(seconds(5 * 86'400 + 4 * 3600)).c_str());
    STRCMP_EQUAL("0 s", duration_text(seconds(-3)).c_str());
}

TEST(Timeline, TellsTheTimeOfTodayShort) {
    const auto now = *instant_from("2026-11-30T21:00:00Z");
    STRCMP_EQUAL("19:31:01Z", clock_text("2026-11-30T19:31:01Z", now).c_str());
    STRCMP_EQUAL("11-29T19:31Z", clock_text("2026-11-29T19:31:01Z", now).c_str());
    STRCMP_EQUAL("2025-11-30T19:31:01Z", clock_text("2025-11-30T19:31:01Z", now).c_str());
    STRCMP_EQUAL("never", clock_text("never", now).c_str());
}
