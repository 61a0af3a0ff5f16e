// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/first_seen.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::who;
using namespace std::chrono_literals;

namespace {

Key key(std::uint16_t port) { return {host(ipv4(1)), 1, 6, port}; }

} // namespace

TEST_GROUP(FirstSeen) { const SteadyClock::time_point start = SteadyClock::now(); };

TEST(FirstSeen, TellsACombinationOnceAnHour) {
    FirstSeen seen(100);
    CHECK_TRUE(seen.is_new(key(443), start));
    CHECK_FALSE(seen.is_new(key(443), start + 59min));
    CHECK_FALSE(seen.is_new(key(443), start + 118min)); // it was seen in between
    CHECK_TRUE(seen.is_new(key(443), start + 178min));
    CHECK_TRUE(seen.is_new(key(80), start));
}

TEST(FirstSeen, ForgetsTheOneNotSeenForLongestWhenItIsFull) {
    FirstSeen seen(2);
    CHECK_TRUE(seen.is_new(key(1), start));
    CHECK_TRUE(seen.is_new(key(2), start));
    CHECK_FALSE(seen.is_new(key(1), start));
    CHECK_TRUE(seen.is_new(key(3), start)); // 2 goes
    CHECK_FALSE(seen.is_new(key(1), start));
    CHECK_TRUE(seen.is_new(key(2), start));
    CHECK_EQUAL(2U, seen.size());
}

TEST(FirstSeen, IsLimitedToABurstAndARate) {
    EventLimiter limiter(50, 200, start);
    unsigned through = 0;
    for (int i = 0; i < 1000; ++i) through += limiter.take(start) ? 1U : 0U;
    CHECK_EQUAL(200U, through);
    for (int ms = 1; ms <= 2000; ++ms) through += limiter.take(start + ms * 1ms) ? 1U : 0U;
    CHECK_TRUE(through >= 299 && through <= 300); // two seconds at 50/s
    CHECK_TRUE(limiter.take(start + 1h));
}
