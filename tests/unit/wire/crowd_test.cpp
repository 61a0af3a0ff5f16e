// SPDX-License-Identifier: Apache-2.0
// Who has to leave when too many are connected.
#include "controlplane/wire/crowd.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::wire;
using std::chrono::milliseconds;

TEST_GROUP(Crowds) {
    CrowdLimits limits{8, 4, 2, 256, milliseconds(1000), std::chrono::seconds(60)};
    Crowd crowd{limits};
    Crowd::Clock::time_point now{milliseconds(1)};
    int next = 10;

    std::optional<int> come(const std::string& from) {
        now += milliseconds(1);
        return crowd.accepted(next++, from, now);
    }
};

TEST(Crowds, OfAnAddressTheOldestWithoutAKeyLeavesFirst) {
    CHECK_FALSE(come("a").has_value());
    CHECK_FALSE(come("a").has_value());
    LONGS_EQUAL(10, come("a").value());
    LONGS_EQUAL(11, come("a").value());
    CHECK_FALSE(come("b").has_value()); // nobody else's concern
    LONGS_EQUAL(3, crowd.size());
}

TEST(Crowds, WhoHasGrownStaysAndCountsForItsAddressOnly) {
    for (int i = 0; i < 2; ++i) {
        (void)come("a");
        (void)come("a");
        now += milliseconds(1000);
    }
    // Four have grown: what comes on top leaves at once.
    LONGS_EQUAL(14, come("a").value());
    crowd.closed(10);
    CHECK_FALSE(come("a").has_value());
}

TEST(Crowds, AFullHouseShedsWhereMostAreWithoutAKey) {
    for (const auto* from : {"a", "a", "b", "b", "c", "c", "d", "e"})
        CHECK_FALSE(come(from).has_value());
    LONGS_EQUAL(14, come("f").value()); // the first of one with two
    LONGS_EQUAL(8, crowd.size());
    LONGS_EQUAL(12, crowd.accepted(14, "g", now).value()); // its number comes again
}

TEST(Crowds, AFullHouseOfSingleOnesShedsTheOldest) {
    for (const auto* from : {"h", "g", "f", "e", "d", "c", "b", "a"}) (void)come(from);
    LONGS_EQUAL(10, come("z").value());
    LONGS_EQUAL(11, come("y").value());
}

TEST(Crowds, AFullHouseOfKeysShutsTheNewcomer) {
    for (const auto* from : {"a", "a", "b", "b", "c", "c", "d", "d"}) (void)come(from);
    now += milliseconds(1000);
    LONGS_EQUAL(18, come("e").value());
    LONGS_EQUAL(8, crowd.size());
}

TEST(Crowds, AKeyHasSoManyConnections) {
    limits.per_key = 2;
    crowd = Crowd(limits);
    for (const auto* from : {"a", "b", "c"}) (void)come(from);
    CHECK_TRUE(crowd.spoke(10, "key"));
    CHECK_TRUE(crowd.spoke(10, "key")); // again is not another one
    CHECK_TRUE(crowd.spoke(11, "key"));
    CHECK_FALSE(crowd.spoke(12, "key"));
    CHECK_TRUE(crowd.spoke(12, "other"));
    crowd.closed(10);
    (void)come("d");
    CHECK_TRUE(crowd.spoke(13, "key"));
}

TEST(Crowds, WhoNeverSpeaksLeaves) {
    limits.silent = std::chrono::seconds(60);
    crowd = Crowd(limits);
    for (const auto* from : {"a", "b", "c"}) (void)come(from);
    CHECK_TRUE(crowd.spoke(11, "key"));
    crowd.closed(12);
    (void)come("d");
    now += std::chrono::seconds(59);
    CHECK_TRUE(crowd.silent(now).empty());
    now += std::chrono::seconds(2);
    const auto silent = crowd.silent(now);
    LONGS_EQUAL(2, silent.size());
    LONGS_EQUAL(10, silent[0]);
    LONGS_EQUAL(13, silent[1]);
    CHECK_TRUE(crowd.silent(now + std::chrono::hours(1)).empty());
    LONGS_EQUAL(1, crowd.size());
}

TEST(Crowds, ManyVisitsLeaveNothingBehind) {
    for (int i = 0; i < 10'000; ++i) {
        now += milliseconds(10);
        (void)crowd.accepted(10 + i % 3, "a", now);
        crowd.closed(10 + i % 3);
    }
    LONGS_EQUAL(0, crowd.size());
    CHECK_FALSE(come("a").has_value());
}
