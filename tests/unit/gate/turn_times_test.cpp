// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/turn_times.hpp"

#include "dataplane/filter/screen_choice.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::gate;

TEST_GROUP(TurnTimes){};

TEST(TurnTimes, BucketHoldsWhatItSaysAndNothingElse) {
    for (std::size_t bucket = 0; bucket + 1 < kTurnBuckets; ++bucket) {
        LONGS_EQUAL(bucket, turn_bucket(turn_bucket_begin(bucket)));
        LONGS_EQUAL(bucket, turn_bucket(turn_bucket_begin(bucket + 1) - 1));
    }
    LONGS_EQUAL(kTurnBuckets - 1, turn_bucket(~std::uint64_t{0}));
}

TEST(TurnTimes, NoBucketIsWiderThanASixteenthOfItsValue) {
    for (std::size_t bucket = 32; bucket + 1 < kTurnBuckets; ++bucket)
        CHECK(turn_bucket_begin(bucket + 1) - turn_bucket_begin(bucket) <=
              turn_bucket_begin(bucket) / 16);
}

TEST(TurnTimes, QuantilesAreThoseOfTheTurnsBetweenTwoLooks) {
    TurnClock clock;
    std::uint64_t now = 1000;
    clock.tick(now); // the first has no turn before it
    for (int i = 0; i < 100; ++i) clock.tick(now += 1'000'000);
    TurnTimes before(2.0);
    before.add(clock);
    for (int i = 0; i < 999; ++i) clock.tick(now += 200);
    clock.tick(now += 20'000);
    TurnTimes after(2.0);
    after.add(clock);
    const auto between = after.since(before);
    LONGS_EQUAL(100, before.turns());
    LONGS_EQUAL(1000, between.turns());
    DOUBLES_EQUAL(103, between.quantile_ns(0.5), 4); // 200 ticks of half a nanosecond
    DOUBLES_EQUAL(103, between.quantile_ns(0.999), 4);
    DOUBLES_EQUAL(10'300, between.quantile_ns(1), 320);
}

TEST(TurnTimes, WithoutTurnsThereIsNoTime) { DOUBLES_EQUAL(0, TurnTimes(2).quantile_ns(0.5), 0); }

TEST_GROUP(ScreenChoice){};

TEST(ScreenChoice, NothingAskedForIsTheBest) {
    POINTERS_EQUAL(&filter::screens().front(), filter::choose_screen("").value());
}

TEST(ScreenChoice, EachOneHereCanBeNamed) {
    for (const auto& screen : filter::screens())
        POINTERS_EQUAL(&screen, filter::choose_screen(screen.name).value());
}

TEST(ScreenChoice, UnknownNameIsRefusedWithThoseThatThereAre) {
    const auto refused = filter::choose_screen("mmx");
    CHECK(!refused);
    CHECK(refused.error().code == Errc::bad_input);
    CHECK(refused.error().what.find("'mmx'") != std::string::npos);
    CHECK(refused.error().what.find("portable") != std::string::npos);
}

TEST(ScreenChoice, MissingOneIsNotTakenForAnother) {
    for (const auto* name : {"avx512", "avx2"}) {
        const auto chosen = filter::choose_screen(name);
        if (chosen)
            CHECK((*chosen)->name == name);
        else
            CHECK(chosen.error().code == Errc::unavailable);
    }
}
