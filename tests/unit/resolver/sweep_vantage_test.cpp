// SPDX-License-Identifier: Apache-2.0
// Vantage points: questions for one server, and client subnets, over real sockets.
#include "resolver/sweep.hpp"

#include "tests/unit/resolver/check_swept.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;
using namespace std::chrono_literals;

namespace {

std::vector<Question> pinned(std::vector<Question> asked, std::uint8_t server) {
    for (auto& question : asked) question.server = server;
    return asked;
}

Swept swept_by(const std::vector<std::string>& servers, const std::vector<Question>& asked) {
    const auto sweeper = Sweeper::create(lab_options(servers)).value();
    return sweep(*sweeper, asked);
}

} // namespace

TEST_GROUP(SweepFrom){void setup() override{enter_own_namespace();
}
}
;

TEST(SweepFrom, AsksOnlyTheServerAQuestionIsFor) {
    const FaultyServer first(kFirst, {});
    const FaultyServer second(kSecond, {});
    const auto swept = swept_by({kFirst, kSecond}, pinned(numbered("good", 500), 1));
    check_all(swept, "NOERROR", 500);
    for (const auto& [question, answer] : swept.answers) {
        CHECK_EQUAL(1U, answer.server.value());
        STRCMP_EQUAL("127.0.53.2:53", answer.resolver.c_str());
    }
    CHECK_EQUAL(0U, first.counts().udp);
}

TEST(SweepFrom, SaysWhichServerAnswered) {
    const FaultyServer first(kFirst, {});
    const FaultyServer second(kSecond, {.silent = true});
    const auto swept = swept_by({kSecond, kFirst}, numbered("good", 100));
    for (const auto& [question, answer] : swept.answers) CHECK_EQUAL(1U, answer.server.value());
}

TEST(SweepFrom, DoesNotMoveAQuestionToAnotherServer) {
    const FaultyServer failing(kFirst, {.servfail = true});
    const FaultyServer second(kSecond, {});
    const auto swept = swept_by({kFirst, kSecond}, pinned(numbered("good", 300), 0));
    check_all(swept, "SERVFAIL", 300);
    CHECK_EQUAL(0U, second.counts().udp);
    CHECK_EQUAL(2U, swept.answers.begin()->second.tries);
}

TEST(SweepFrom, LetsASilentServerHoldUpOnlyItsOwnQuestions) {
    const FaultyServer silent(kFirst, {.silent = true});
    const FaultyServer second(kSecond, {});
    auto asked = pinned(numbered("lost", 1000), 0);
    for (const auto& question : numbered("good", 3000)) asked.push_back(question);
    for (const auto& question : pinned(numbered("more", 1000), 1)) asked.push_back(question);
    const auto sweeper = Sweeper::create(lab_options({kFirst, kSecond})).value();
    unsigned good = 0;
    Clock::duration good_took{};
    const auto began = Clock::now();
    std::map<std::string, unsigned> outcomes;
    CHECK_TRUE(sweeper
                   ->sweep(asked,
                           [&](const Answer& answer) {
                               ++outcomes[std::string(to_string(answer.outcome))];
                               if (answer.outcome != Outcome::answered) return;
                               if (++good == 4000) good_took = Clock::now() - began;
                           })
                   .has_value());
    CHECK_EQUAL(4000U, outcomes["NOERROR"]);
    CHECK_EQUAL(1000U, outcomes["TIMEOUT"]);
    CHECK_TRUE(good_took < 3000ms);
    CHECK_TRUE(Clock::now() - began < 5000ms);
}

TEST(SweepFrom, AsksAServerOnBehalfOfEachSubnet) {
    const FaultyServer server(kFirst, {});
    auto asked = pinned(questions({"good.test"}), 0);
    for (std::uint8_t vantage = 1; vantage < 3; ++vantage)
        asked.push_back({"good.test", RrType::a, vantage});
    const auto swept = swept_by(
        {kFirst, kFirst + " subnet=198.51.100.0/24", kFirst + " subnet=203.0.113.0/24"}, asked);
    const auto& plain = swept.answers.at(asked[0]);
    STRCMP_EQUAL("198.18.0.1", joined(plain.addresses).c_str());
    CHECK_FALSE(plain.subnet_scope.has_value());
    const auto& other = swept.answers.at(asked[1]);
    STRCMP_EQUAL("198.18.0.100", joined(other.addresses).c_str());
    CHECK_EQUAL(24U, other.subnet_scope.value());
    CHECK_EQUAL(1U, other.server.value());
    STRCMP_EQUAL("198.18.0.113", joined(swept.answers.at(asked[2]).addresses).c_str());
}

TEST(SweepFrom, TakesAnAnswerForEverybodyAsOne) {
    const FaultyServer server(kFirst, {.no_subnet = true});
    const auto swept = swept_by({kFirst + " subnet=198.51.100.0/24"}, numbered("good", 100));
    check_all(swept, "NOERROR", 100);
    CHECK_FALSE(swept.answers.begin()->second.subnet_scope.has_value());
}

TEST(SweepFrom, DoesNotBelieveAnAnswerForAnotherSubnet) {
    const FaultyServer liar(kFirst, {.other_subnet = true});
    const auto swept = swept_by({kFirst + " subnet=198.51.100.0/24"}, numbered("good", 100));
    check_all(swept, "MALFORMED", 100);
    CHECK_TRUE(swept.answers.begin()->second.addresses.empty());
    CHECK_FALSE(swept.answers.begin()->second.subnet_scope.has_value());
}

TEST(SweepFrom, AsksWithoutSubnetWhereEdnsIsUnknown) {
    const FaultyServer server(kFirst, {.edns = EdnsFault::formerr});
    const auto sweeper = Sweeper::create(lab_options({kFirst + " subnet=198.51.100.0/24"})).value();
    check_all(sweep(*sweeper, questions({"good.test"})), "NOERROR", 1);
    const auto swept = sweep(*sweeper, numbered("good", 1000));
    check_all(swept, "NOERROR", 1000);
    CHECK_FALSE(swept.answers.begin()->second.subnet_scope.has_value());
}

TEST(SweepFrom, SaysThatAServerFilters) {
    const FaultyServer server(kFirst, {});
    const auto swept = swept_by({kFirst}, questions({"blocked.test", "good.test"}));
    const auto& blocked = swept.answers.at({"blocked.test", RrType::a});
    STRCMP_EQUAL("FILTERED", swept.outcome("blocked.test").c_str());
    CHECK_TRUE(is_filtered(blocked.extended_error.value().code));
    CHECK_EQUAL(1U, blocked.tries); // it would only say so again
    CHECK_FALSE(swept.answers.at({"good.test", RrType::a}).extended_error.has_value());
}

TEST(SweepFrom, AsksAnotherServerForWhatOneFilters) {
    const FaultyServer filter(kFirst, {});
    const FaultyServer honest(kSecond, {.unfiltered = true});
    check_all(swept_by({kFirst, kSecond}, numbered("blocked", 200)), "NOERROR", 200);
    const auto pinned_to = pinned(numbered("blocked", 200), 0);
    check_all(swept_by({kFirst, kSecond}, pinned_to), "FILTERED", 200);
}

TEST(SweepFrom, RefusesAQuestionForAServerThatThereIsNot) {
    const auto swept = swept_by({kFirst}, pinned(questions({"good.test"}), 1));
    STRCMP_EQUAL("sweep: question 'good.test' is for server 1 of 1", swept.fault.c_str());
    CHECK_EQUAL(0U, swept.answers.size());
}
