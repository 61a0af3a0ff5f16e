// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/token_bucket.hpp"

#include <CppUTest/TestHarness.h>

using sweepgate::filter::TokenBucket;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

/// How many of `count` at this time get through.
unsigned taken(TokenBucket& bucket, std::uint64_t now, unsigned count) {
    unsigned through = 0;
    for (unsigned i = 0; i < count; ++i) through += bucket.take(now) ? 1U : 0U;
    return through;
}

} // namespace

TEST_GROUP(TokenBucket){};

TEST(TokenBucket, LetsASecondsWorthThroughAtOnceAndNoMore) {
    TokenBucket bucket(100, kSecond);
    CHECK_EQUAL(100U, taken(bucket, 5 * kSecond, 1000));
    CHECK_EQUAL(50U, taken(bucket, 5 * kSecond + kSecond / 2, 1000));
    CHECK_EQUAL(100U, taken(bucket, 60 * kSecond, 1000));
}

TEST(TokenBucket, KeepsTheRateHoweverOftenItIsAsked) {
    TokenBucket bucket(1'000'000, kSecond);
    std::uint64_t now = kSecond;
    static_cast<void>(taken(bucket, now, 2'000'000)); // empty now
    std::uint64_t through = 0;
    for (unsigned i = 0; i < 600'000; ++i) through += taken(bucket, now += 1'700, 3); // 1.02 s
    CHECK_TRUE(through > 1'019'000 && through <= 1'020'000);
}

TEST(TokenBucket, LetsNothingThroughAtARateOfNothing) {
    TokenBucket bucket(0, kSecond);
    CHECK_EQUAL(0U, taken(bucket, 10 * kSecond, 10));
}

TEST(TokenBucket, EarnsNothingWhileTheClockGoesBack) {
    TokenBucket bucket(10, kSecond);
    CHECK_EQUAL(10U, taken(bucket, 10 * kSecond, 20));
    CHECK_EQUAL(0U, taken(bucket, 2 * kSecond, 20));
    CHECK_EQUAL(10U, taken(bucket, 11 * kSecond, 20));
}

TEST(TokenBucket, TakesBackWhatWasNotNeededAndNoMoreThanItHolds) {
    TokenBucket bucket(2, kSecond);
    bucket.give_back();
    CHECK_EQUAL(2U, taken(bucket, kSecond, 10));
    bucket.give_back();
    CHECK_EQUAL(1U, taken(bucket, kSecond, 10));
}
