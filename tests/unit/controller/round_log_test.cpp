// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round_log.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

Instant at(int seconds) { return Instant{std::chrono::seconds{1000 + seconds}}; }

Round round_of(Outcome outcome, int questions) {
    Round round;
    Answer answer;
    answer.outcome = outcome;
    for (int i = 0; i < questions; ++i) round.count(answer);
    return round;
}

} // namespace

TEST_GROUP(RoundLog) { RoundLog log; };

TEST(RoundLog, CountsTheLastMinute) {
    log.add(round_of(Outcome::answered, 5), at(0));
    log.add(round_of(Outcome::nxdomain, 2), at(30));
    log.add(round_of(Outcome::answered, 1), at(30));
    auto summary = log.summary(at(30));
    CHECK_EQUAL(3U, summary.number);
    CHECK_EQUAL(8U, summary.questions);
    CHECK_EQUAL(6U, summary.outcomes.at("NOERROR"));
    DOUBLES_EQUAL(30, summary.seconds, 0);
    summary = log.summary(at(80));
    CHECK_EQUAL(3U, summary.questions);
    DOUBLES_EQUAL(60, summary.seconds, 0);
    CHECK_EQUAL(0U, log.summary(at(300)).questions);
}

TEST(RoundLog, RaisesAnAlarmWhenNobodyAnswersAndTakesItBack) {
    log.add(round_of(Outcome::answered, 5), at(0));
    log.add(round_of(Outcome::timeout, 2), at(10));
    log.add(round_of(Outcome::servfail, 2), at(20));
    CHECK_TRUE(log.summary(at(24)).silent_since == Instant{});
    log.add(round_of(Outcome::refused, 2), at(25));
    CHECK_TRUE(log.summary(at(25)).silent_since == at(10));
    CHECK_TRUE(log.summary(at(9000)).silent_since == at(10));
    log.add(round_of(Outcome::nodata, 1), at(9001));
    CHECK_TRUE(log.summary(at(9001)).silent_since == Instant{});
}

TEST(RoundLog, TakesNothingAskedForNoSilence) {
    log.add(round_of(Outcome::timeout, 0), at(0));
    CHECK_TRUE(log.summary(at(100)).silent_since == Instant{});
}

TEST(RoundLog, ForgetsAFaultWithTheNextRound) {
    log.add(round_of(Outcome::answered, 1), at(0));
    log.fail("disk full");
    STRCMP_EQUAL("disk full", log.summary(at(0)).error.c_str());
    log.add(round_of(Outcome::answered, 1), at(1));
    STRCMP_EQUAL("", log.summary(at(1)).error.c_str());
}
