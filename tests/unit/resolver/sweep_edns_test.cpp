// SPDX-License-Identifier: Apache-2.0
// Servers, and boxes in front of them, that do not bear EDNS or 0x20, over real sockets: what they
// do to a question is no answer to it, and no silence either.
#include "resolver/sweep.hpp"

#include <array>

#include "tests/unit/resolver/check_swept.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;
using namespace std::chrono_literals;

namespace {

constexpr std::array kWays = {EdnsFault::formerr,
                              EdnsFault::formerr_with_opt,
                              EdnsFault::bare_formerr,
                              EdnsFault::notimp,
                              EdnsFault::bare_notimp,
                              EdnsFault::badvers,
                              EdnsFault::bare_badvers,
                              EdnsFault::refused,
                              EdnsFault::refused_with_opt,
                              EdnsFault::servfail,
                              EdnsFault::servfail_with_opt,
                              EdnsFault::cut,
                              EdnsFault::other_question,
                              EdnsFault::empty,
                              EdnsFault::silence};

// "EDNS fault 3: NOERROR 1", for a failure that tells which.
std::string told(EdnsFault way, const Swept& swept) {
    auto text = "EDNS fault " + std::to_string(static_cast<int>(way)) + ":";
    for (const auto& [outcome, count] : swept.outcomes)
        text += " " + outcome + " " + std::to_string(count);
    return text + swept.fault;
}

void check_answered(EdnsFault way, const Swept& swept, unsigned count) {
    const auto wanted = "EDNS fault " + std::to_string(static_cast<int>(way)) + ": NOERROR " +
                        std::to_string(count);
    STRCMP_EQUAL(wanted.c_str(), told(way, swept).c_str());
}

} // namespace

TEST_GROUP(SweepEdns){void setup() override{enter_own_namespace();
}
}
;

TEST(SweepEdns, IsLeftOutForOneQuestionThatIsRefusedInAnyWayForIt) {
    for (const auto way : kWays) {
        const FaultyServer server(kFirst, {.edns = way});
        const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
        check_answered(way, sweep(*sweeper, questions({"good.test"})), 1);
    }
}

TEST(SweepEdns, IsLeftOutForAQuestionForOneServerOfTwo) {
    for (const auto way : kWays) {
        const FaultyServer server(kFirst, {.edns = way});
        const FaultyServer other(kSecond, {});
        const auto sweeper = Sweeper::create(lab_options({kFirst, kSecond})).value();
        const std::vector<Question> asked = {{"good.test", RrType::a, std::uint8_t{0}}};
        check_answered(way, sweep(*sweeper, asked), 1);
        CHECK_EQUAL(0U, other.counts().udp);
    }
}

TEST(SweepEdns, IsLeftOutWhereEveryServerRefusesIt) {
    for (const auto way : kWays) {
        const FaultyServer first(kFirst, {.edns = way});
        const FaultyServer second(kSecond, {.edns = way});
        const auto sweeper = Sweeper::create(lab_options({kFirst, kSecond})).value();
        check_answered(way, sweep(*sweeper, numbered("good", 20)), 20);
    }
}

TEST(SweepEdns, IsNotTriedAgainForAWhileWhereItIsRefused) {
    for (const auto way : kWays) {
        const FaultyServer server(kFirst, {.edns = way});
        auto options = lab_options({kFirst});
        options.window = 16;
        const auto sweeper = Sweeper::create(options).value();
        check_answered(way, sweep(*sweeper, numbered("good", 200)), 200);
        const auto before = server.counts().edns;
        check_answered(way, sweep(*sweeper, numbered("more", 100)), 100);
        CHECK_EQUAL(before, server.counts().edns);
    }
}

TEST(SweepEdns, IsKeptAfterOneFormerr) {
    const FaultyServer server(kFirst, {.formerr_once = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    const auto swept = sweep(*sweeper, numbered("good", 3000));
    check_all(swept, "NOERROR", 3000);
    CHECK_EQUAL(1U, swept.tally.edns_lost);
    // A slow machine's server may be asked a question twice; without EDNS it is asked but once.
    const auto counts = server.counts();
    CHECK_EQUAL(counts.edns + 1, counts.udp);
}

TEST(SweepEdns, MayBeStrippedFromAnswers) {
    const FaultyServer server(kFirst, {.strip_opt = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("good", 100)), "NOERROR", 100);
    CHECK_EQUAL(100U, server.counts().udp); // nothing was asked twice
}

TEST(SweepEdns, IsKeptWhileNamesFailByThemselves) {
    const FaultyServer server(kFirst, {});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("servfail", 50)), "SERVFAIL", 50);
    check_all(sweep(*sweeper, numbered("drop", 4)), "TIMEOUT", 4);
    const auto before = server.counts();
    check_all(sweep(*sweeper, numbered("good", 50)), "NOERROR", 50);
    CHECK_EQUAL(before.edns + 50, server.counts().edns);
}

TEST(SweepEdns, IsKeptByAServerThatWasAwayFirst) {
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("good", 50)), "TIMEOUT", 50);
    const FaultyServer server(kFirst, {});
    check_all(sweep(*sweeper, numbered("good", 50)), "NOERROR", 50);
    const auto before = server.counts().edns;
    check_all(sweep(*sweeper, numbered("more", 50)), "NOERROR", 50);
    CHECK_EQUAL(before + 50, server.counts().edns);
}

TEST(SweepEdns, KeepsWhatAServerSaysOfItsRefusal) {
    const FaultyServer server(kFirst, {.edns = EdnsFault::servfail_with_opt, .servfail = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("good", 5)), "SERVFAIL", 5);
}

TEST_GROUP(SweepCase){void setup() override{enter_own_namespace();
}
}
;

TEST(SweepCase, IsLeftToChanceWhereDatagramsLoseItAndThereIsNoTcp) {
    const FaultyServer server(kFirst, {.lower_case = true, .no_tcp = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    check_all(sweep(*sweeper, numbered("mississippi", 50)), "NOERROR", 50);
    const auto before = server.counts().mixed_case;
    check_all(sweep(*sweeper, numbered("more", 50)), "NOERROR", 50);
    CHECK_EQUAL(before, server.counts().mixed_case);
}

TEST(SweepCase, IsNoAnswerWhereAnotherQuestionIsRepeated) {
    const FaultyServer server(kFirst, {.no_tcp = true, .other_question = true});
    const auto sweeper = Sweeper::create(lab_options({kFirst})).value();
    const auto swept = sweep(*sweeper, numbered("good", 20));
    check_all(swept, "MALFORMED", 20); // it was not silent
    CHECK_TRUE(swept.answers.at({"good-1.test", RrType::a}).addresses.empty());
}
