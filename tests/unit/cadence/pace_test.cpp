// SPDX-License-Identifier: Apache-2.0
// When a name is asked again.
#include "tests/unit/cadence/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cadencetest;

namespace {

CadenceOptions held_to_ten_seconds() {
    CadenceOptions options;
    options.shortest = seconds(10);
    return options;
}

} // namespace

TEST_GROUP(Pace) {
    World world{held_to_ten_seconds()};

    void setup() override {
        world.cadence.set_names(std::vector<Wanted>{{"_x._tcp.example", false, false, true}},
                                world.now);
    }
    /// From this answer to the next question.
    milliseconds after(std::uint32_t ttl, Outcome outcome = Outcome::answered,
                       bool authoritative = false, std::uint64_t identity = 1) {
        const auto asks = world.take();
        CHECK_EQUAL(1U, asks.size());
        auto answer = answer_to(asks.at(0), ttl, outcome);
        answer.authoritative = authoritative;
        world.cadence.heard(asks.at(0), answer, identity, world.now);
        return world.wait();
    }
    static bool is_within(milliseconds value, seconds least, seconds most) {
        return value >= least && value <= most;
    }
};

TEST(Pace, WaitsUntilACachesTtlHasRunOut) {
    for (int i = 0; i < 200; ++i) CHECK_TRUE(is_within(after(100), seconds(100), seconds(110)));
}

TEST(Pace, JittersAroundTheTtlOfAnAuthority) {
    bool sooner = false;
    bool later = false;
    for (int i = 0; i < 100; ++i) {
        const auto wait = after(100, Outcome::answered, true);
        CHECK_TRUE(is_within(wait, seconds(90), seconds(110)));
        sooner = sooner || wait < seconds(96);
        later = later || wait > seconds(104);
    }
    CHECK_TRUE(sooner && later);
}

TEST(Pace, AsksInTimeWhereAShortTtlIsTheRestOfALongOne) {
    CHECK_TRUE(is_within(after(60), seconds(60), seconds(66)));
    for (int i = 0; i < 20; ++i) { // other clients fill the cache: 4 s are left when we come
        CHECK_TRUE(is_within(after(4), seconds(4), seconds(5)));
        CHECK_TRUE(is_within(after(60), seconds(60), seconds(66)));
    }
}

TEST(Pace, HoldsAShortTtlToTheClamp) {
    after(0);
    for (int i = 0; i < 50; ++i) CHECK_TRUE(is_within(after(0), seconds(9), seconds(11)));
    CHECK_TRUE(is_within(after(3), seconds(9), seconds(11)));
}

TEST(Pace, NeverComesBeforeTheClampTwiceRunning) {
    for (int i = 0; i < 50; ++i) {
        const auto first = after(static_cast<std::uint32_t>(i) % 3);
        const auto second = after(static_cast<std::uint32_t>(i) % 2);
        CHECK_TRUE(first + second >= seconds(9));
    }
}

TEST(Pace, DoesNotBelieveATtlOfYears) {
    CHECK_TRUE(after(2'000'000'000) <= std::chrono::hours(27));
}

TEST(Pace, BacksOffFromFiveSecondsToFiveMinutes) {
    for (const int expected : {5, 10, 20, 40, 80, 160, 300, 300, 300}) {
        const auto wait = after(0, Outcome::timeout);
        CHECK_TRUE(wait >= milliseconds(expected * 900) && wait <= milliseconds(expected * 1100));
    }
    CHECK_TRUE(is_within(after(100), seconds(100), seconds(110)));
    CHECK_TRUE(is_within(after(0, Outcome::servfail), seconds(4), seconds(6))); // starts anew
}

TEST(Pace, KeepsFailingNamesInALaneOfTheirOwn) {
    after(0, Outcome::refused);
    CHECK_TRUE(world.cadence.take(Cadence::Lane::healthy, 10, world.now).empty());
    const auto asks = world.cadence.take(Cadence::Lane::failing, 10, world.now);
    CHECK_EQUAL(1U, asks.size());
    CHECK_TRUE(asks[0].question.last);
    world.cadence.heard(asks[0], answer_to(asks[0], 60), 1, world.now);
    world.now += seconds(70);
    CHECK_EQUAL(1U, world.cadence.take(Cadence::Lane::healthy, 10, world.now).size());
}

TEST(Pace, TakesADenialForAnAnswerWithATtl) {
    for (const auto outcome : {Outcome::nxdomain, Outcome::nodata})
        CHECK_TRUE(is_within(after(300, outcome), seconds(300), seconds(330)));
}

TEST(Pace, AsksSeldomForHttpsRecordsThatAreNotThere) {
    world.cadence.set_names(std::vector<Wanted>{{"a.example", false, true, false}}, world.now);
    CHECK_TRUE(is_within(after(60, Outcome::nodata), seconds(3240), seconds(3960)));
    CHECK_TRUE(is_within(after(60), seconds(60), seconds(66)));
}
