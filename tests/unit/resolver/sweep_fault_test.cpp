// SPDX-License-Identifier: Apache-2.0
// The sweep against servers that are silent, lie, cut, refuse or forget, over real sockets.
#include "resolver/sweep.hpp"

#include <algorithm>

#include "tests/unit/resolver/check_swept.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;
using namespace std::chrono_literals;

namespace {

Swept swept_by(const SweepOptions& options, const std::vector<Question>& asked) {
    const auto sweeper = Sweeper::create(options).value();
    return sweep(*sweeper, asked);
}

} // namespace

TEST_GROUP(Sweep){void setup() override{enter_own_namespace();
}
}
;

TEST(Sweep, KeepsEveryOutcomeApart) {
    const FaultyServer server(kFirst, {});
    const auto swept =
        swept_by(lab_options({kFirst}),
                 questions({"good.test", "nx.test", "nodata.test", "servfail.test", "refused.test",
                            "drop.test", "loop.test", "foreign.test", "not..canonical"}));
    STRCMP_EQUAL("NOERROR", swept.outcome("good.test").c_str());
    STRCMP_EQUAL("NXDOMAIN", swept.outcome("nx.test").c_str());
    STRCMP_EQUAL("NODATA", swept.outcome("nodata.test").c_str());
    STRCMP_EQUAL("SERVFAIL", swept.outcome("servfail.test").c_str());
    STRCMP_EQUAL("REFUSED", swept.outcome("refused.test").c_str());
    STRCMP_EQUAL("TIMEOUT", swept.outcome("drop.test").c_str());
    STRCMP_EQUAL("MALFORMED", swept.outcome("loop.test").c_str());
    STRCMP_EQUAL("NODATA", swept.outcome("foreign.test").c_str());
    STRCMP_EQUAL("MALFORMED", swept.outcome("not..canonical").c_str());
    CHECK_EQUAL(9U, swept.answers.size());
    CHECK_EQUAL(0U, swept.repeated);
    CHECK_EQUAL(3U, swept.answers.at({"drop.test", RrType::a}).tries);
    CHECK_EQUAL(2U, swept.answers.at({"servfail.test", RrType::a}).tries);
    STRCMP_EQUAL("127.0.53.1:53", swept.answers.at({"good.test", RrType::a}).resolver.c_str());
}

TEST(Sweep, AnswersEveryQuestionOnceWithHundredsInFlight) {
    const FaultyServer server(kFirst, {});
    const auto swept = swept_by(lab_options({kFirst}), numbered("good", 5000));
    check_all(swept, "NOERROR", 5000);
    CHECK_EQUAL(0U, swept.tally.edns_lost);
    CHECK_EQUAL(0U, swept.tally.case_mismatch);
    CHECK_TRUE(server.counts().mixed_case >= 4000); // five letters have 1/32 of no capital
}

TEST(Sweep, DeadNamesDoNotHoldTheWindow) {
    const FaultyServer server(kFirst, {});
    auto asked = numbered("drop", 200);
    for (const auto& question : numbered("good", 2000)) asked.push_back(question);
    auto options = lab_options({kFirst});
    options.window = 50;
    const auto swept = swept_by(options, asked);
    CHECK_EQUAL(2000U, swept.count("NOERROR"));
    CHECK_EQUAL(200U, swept.count("TIMEOUT"));
    CHECK_TRUE(swept.took < 2500ms); // in the window throughout: 200 / 50 * 700 ms
}

TEST(Sweep, PassesOverASilentFirstServer) {
    const FaultyServer silent(kFirst, {.silent = true});
    const FaultyServer server(kSecond, {});
    const auto swept = swept_by(lab_options({kFirst, kSecond}), numbered("good", 3000));
    check_all(swept, "NOERROR", 3000);
    CHECK_TRUE(swept.took < 1500ms);
    CHECK_TRUE(silent.counts().udp < 600);
}

TEST(Sweep, PassesOverAShutPort) {
    const FaultyServer server(kSecond, {});
    const auto swept = swept_by(lab_options({kFirst, kSecond}), numbered("good", 3000));
    check_all(swept, "NOERROR", 3000);
    CHECK_TRUE(swept.took < 1500ms);
}

TEST(Sweep, AsksAnotherServerAfterServfail) {
    const FaultyServer failing(kFirst, {.servfail = true});
    const FaultyServer server(kSecond, {});
    const auto swept = swept_by(lab_options({kFirst, kSecond}), numbered("good", 500));
    check_all(swept, "NOERROR", 500);
}

TEST(Sweep, EndsInBoundedTimeWhenEveryServerIsSilent) {
    const FaultyServer first(kFirst, {.silent = true});
    const FaultyServer second(kSecond, {.silent = true});
    const auto swept = swept_by(lab_options({kFirst, kSecond}), numbered("good", 20000));
    check_all(swept, "TIMEOUT", 20000);
    CHECK_TRUE(swept.took < 700ms + 1000ms);
}

TEST(Sweep, EndsInBoundedTimeWhenEveryPortIsShut) {
    const auto swept = swept_by(lab_options({kFirst, kSecond}), numbered("good", 20000));
    check_all(swept, "TIMEOUT", 20000);
    CHECK_TRUE(swept.took < 700ms + 1000ms);
}

TEST(Sweep, FindsAServerAgainThatCameBack) {
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("good", 100)), "TIMEOUT", 100);
    const FaultyServer server(kFirst, {});
    const auto swept = sweep(*sweeper, numbered("good", 100));
    check_all(swept, "NOERROR", 100);
    CHECK_TRUE(swept.took < 500ms);
}

TEST(Sweep, LosesNoneOfThousandsOfTruncatedAnswers) {
    const FaultyServer server(kFirst, {.truncate = true});
    auto options = lab_options({kFirst});
    options.window = 4096;
    const auto swept = swept_by(options, numbered("good", 4096));
    check_all(swept, "NOERROR", 4096);
    CHECK_TRUE(swept.answers.at({"good-7.test", RrType::a}).over_tcp);
    CHECK_EQUAL(4096U, server.counts().tcp);
}

TEST(Sweep, OutlivesAServerThatClosesItsConnections) {
    const FaultyServer server(kFirst, {.truncate = true, .close_after = 100});
    auto options = lab_options({kFirst});
    options.window = 64;
    const auto swept = swept_by(options, numbered("good", 300));
    check_all(swept, "NOERROR", 300);
    CHECK_TRUE(server.counts().connections >= 3);
}

TEST(Sweep, SaysMalformedAndNotSilentWhenTruncatedAnswersHaveNoTcp) {
    const FaultyServer server(kFirst, {.truncate = true, .no_tcp = true});
    const auto swept = swept_by(lab_options({kFirst}), numbered("good", 50));
    check_all(swept, "MALFORMED", 50);
    CHECK_TRUE(swept.answers.at({"good-1.test", RrType::a}).addresses.empty());
}

TEST(Sweep, LearnsFromTcpThatAServerLowersCase) {
    const FaultyServer server(kFirst, {.lower_case = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    const auto swept = sweep(*sweeper, numbered("good", 2000));
    check_all(swept, "NOERROR", 2000);
    CHECK_TRUE(swept.tally.case_mismatch > 0);
    const auto before = server.counts().mixed_case;
    check_all(sweep(*sweeper, numbered("more", 500)), "NOERROR", 500);
    CHECK_EQUAL(before, server.counts().mixed_case);
}

TEST(Sweep, AsksOverTcpWhenOnlyDatagramsLoseTheirCase) {
    const FaultyServer server(kFirst, {.spoofed_case = true});
    const auto swept = swept_by(lab_options({kFirst}), numbered("mississippi", 500));
    check_all(swept, "NOERROR", 500);
    CHECK_TRUE(server.counts().tcp >= 490); // never believed, so never pinned
}

TEST(Sweep, ChangesItsSourcePort) {
    const FaultyServer server(kFirst, {});
    auto options = lab_options({kFirst});
    options.queries_per_port = 100;
    check_all(swept_by(options, numbered("good", 5000)), "NOERROR", 5000);
    CHECK_TRUE(server.counts().ports >= 45);
}

TEST(Sweep, KeepsToItsRate) {
    const FaultyServer server(kFirst, {});
    auto options = lab_options({kFirst});
    options.queries_per_second = 500;
    const auto swept = swept_by(options, numbered("good", 400));
    check_all(swept, "NOERROR", 400);
    CHECK_TRUE(swept.took > 700ms);
    CHECK_TRUE(swept.took < 2000ms);
}

TEST(Sweep, FindsTheRateOfAServerThatDropsTheRest) {
    const FaultyServer server(kFirst, {.delay = 5ms, .most_per_second = 1000});
    auto options = lab_options({kFirst});
    options.timeouts = {250ms, 500ms, 1000ms, 2000ms};
    options.window = 2048;
    const auto swept = swept_by(options, numbered("good", 4000));
    check_all(swept, "NOERROR", 4000); // unpaced, a fifth of them ends as TIMEOUT
}

TEST(Sweep, BelievesNoForgedIds) {
    const FaultyServer server(kFirst, {.forged_ids = true});
    check_all(swept_by(lab_options({kFirst}), numbered("good", 1000)), "NOERROR", 1000);
}

TEST(Sweep, GivesAServerFarAwayTheTimeItNeeds) {
    const FaultyServer server(kFirst, {.delay = 150ms});
    const auto swept = swept_by(lab_options({kFirst}), numbered("good", 2000));
    check_all(swept, "NOERROR", 2000); // the first timeout is 100 ms
    CHECK_TRUE(swept.tally.retries < 1500);
}

TEST(Sweep, AsksWhatFailedLastTimeAfterAllOthers) {
    const FaultyServer server(kFirst, {});
    auto options = lab_options({kFirst});
    options.window = 10;
    auto asked = numbered("drop", 50);
    for (auto& question : asked) question.last = true;
    for (const auto& question : numbered("good", 500)) asked.push_back(question);
    std::vector<Outcome> order;
    const auto sweeper = Sweeper::create(options).value();
    CHECK_TRUE(sweeper->sweep(asked, [&](const Answer& answer) { order.push_back(answer.outcome); })
                   .has_value());
    CHECK_EQUAL(550U, order.size());
    CHECK_TRUE(std::all_of(order.begin(), order.begin() + 500,
                           [](Outcome outcome) { return outcome == Outcome::answered; }));
}

TEST(Sweep, StopsWhenAsked) {
    const FaultyServer silent(kFirst, {.silent = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    const auto asked = numbered("good", 100);
    const auto began = test::Clock::now();
    const auto status = sweeper->sweep(
        asked, [](const Answer&) {}, [] { return true; });
    CHECK_FALSE(status.has_value());
    STRCMP_EQUAL("sweep stopped: 0 of 100 questions answered", status.error().what.c_str());
    CHECK_TRUE(test::Clock::now() - began < 200ms);
}

TEST(Sweep, CanBeUsedAgainAfterACallerThatThrows) {
    const FaultyServer server(kFirst, {});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    const auto asked = numbered("good", 100);
    CHECK_THROWS(int, (void)sweeper->sweep(asked, [](const Answer&) { throw 1; }));
    check_all(sweep(*sweeper, asked), "NOERROR", 100);
}

TEST(Sweep, HasNothingToDoForNoQuestions) {
    const auto swept = swept_by(lab_options({kFirst}), {});
    STRCMP_EQUAL("", swept.fault.c_str());
    CHECK_EQUAL(0U, swept.tally.sent);
}

TEST(Sweep, RefusesOptionsThatMakeNoSense) {
    const auto fault_of = [](const SweepOptions& options) {
        const auto sweeper = Sweeper::create(options);
        return sweeper ? std::string("accepted") : sweeper.error().what;
    };
    STRCMP_EQUAL("sweep: number of servers = 0 is not within 1..32",
                 fault_of(lab_options({})).c_str());
    auto options = lab_options({kFirst});
    options.window = 8193;
    STRCMP_EQUAL("sweep: window = 8193 is not within 0..8192", fault_of(options).c_str());
    options = lab_options({kFirst});
    options.timeouts = {5ms};
    STRCMP_EQUAL("sweep: timeout in ms = 5 is not within 10..30000", fault_of(options).c_str());
    STRCMP_EQUAL("server: 'dns.example' is not an IP address",
                 fault_of(lab_options({"dns.example"})).c_str());
}
