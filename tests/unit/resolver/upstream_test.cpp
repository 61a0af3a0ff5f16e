// SPDX-License-Identifier: Apache-2.0
#include "resolver/upstream.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;
using namespace std::chrono_literals;

TEST_GROUP(Upstream) {
    Upstream upstream{{ipv4(0xC0000235)}, {}};
    Clock::time_point start = Clock::now();

    void fail_times(int count, Clock::time_point sent) {
        for (int i = 0; i < count; ++i) upstream.failed(sent, sent);
    }
};

TEST(Upstream, IsDeadAfterEightFailuresInARow) {
    upstream.begin(start);
    fail_times(7, start);
    CHECK_FALSE(upstream.is_dead());
    fail_times(1, start);
    CHECK_TRUE(upstream.is_dead());
    upstream.heard(start + 1s);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsNotBlamedForWhatWasSentBeforeItsLastAnswer) {
    upstream.heard(start + 1s);
    fail_times(100, start);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsProbedOnceASecondWhileDead) {
    upstream.begin(start);
    CHECK_FALSE(upstream.wants_probe(start));
    fail_times(8, start);
    CHECK_TRUE(upstream.wants_probe(start));
    CHECK_FALSE(upstream.wants_probe(start + 900ms));
    CHECK_TRUE(upstream.wants_probe(start + 1s));
}

TEST(Upstream, IsTakenForOneWithoutEdnsOnlyAfterSeveralAnswersInARow) {
    for (int i = 0; i < 3; ++i) upstream.saw_edns(false, start);
    upstream.saw_edns(true, start);
    for (int i = 0; i < 3; ++i) upstream.saw_edns(false, start);
    CHECK_TRUE(upstream.speaks_edns(start));
    upstream.saw_edns(false, start);
    CHECK_FALSE(upstream.speaks_edns(start));
    CHECK_TRUE(upstream.speaks_edns(start + 10min));
}

TEST(Upstream, IsTakenForOneWithoutEdnsWhenThatFailsWhileTheRestIsAnswered) {
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start, start); // it may be dead
    upstream.answered_without_edns(start + 1s);
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start, start + 1s); // it was, then
    CHECK_TRUE(upstream.speaks_edns(start + 1s));
    for (int i = 0; i < 4; ++i) upstream.failed_edns(start + 2s, start + 3s);
    CHECK_FALSE(upstream.speaks_edns(start + 3s));
    CHECK_TRUE(upstream.speaks_edns(start + 3s + 10min)); // and is tried again
}

TEST(Upstream, KeepsEdnsThatItProvedLately) {
    upstream.saw_edns(true, start);
    CHECK_TRUE(upstream.proved_edns(start + 9min));
    upstream.answered_without_edns(start);
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start + 1s, start + 2s);
    CHECK_TRUE(upstream.speaks_edns(start + 2s));
    CHECK_FALSE(upstream.proved_edns(start + 10min));
}

TEST(Upstream, IsPassedOverAfterASecondWithMoreFailuresThanAnswers) {
    upstream.begin(start);
    for (int i = 0; i < 30; ++i) { // never eight in a row
        const auto at = start + i * 40ms;
        upstream.heard(at);
        CHECK_FALSE(upstream.is_dead());
        for (int failure = 0; failure < 2; ++failure) upstream.failed(at - 1ms, at);
        if (upstream.is_dead()) break;
    }
    CHECK_TRUE(upstream.is_dead());
    upstream.heard(start + 2s);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsNotPassedOverForAFewFailuresInASecond) {
    upstream.begin(start);
    for (int i = 0; i < 6; ++i) upstream.failed(start, start + i * 250ms);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, SmoothsItsRoundTrips) {
    upstream.took(80ms);
    CHECK_EQUAL(80000, upstream.rtt().count());
    upstream.took(160ms);
    CHECK_EQUAL(90000, upstream.rtt().count());
}
