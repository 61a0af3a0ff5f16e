// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <nlohmann/json.hpp>

#include "controlplane/cli/sweep/watch_list.hpp"
#include "controlplane/cli/sweep/watch_text.hpp"
#include "tests/unit/cli/sweep/answers.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;
using std::chrono::seconds;

TEST_GROUP(Watch) {
    WatchClock::time_point now{seconds(1000)};
    std::vector<Question> questions = {{"b.example", RrType::a}, {"a.example", RrType::a}};
    WatchList list{questions, seconds(60), now};

    std::size_t due(WatchLane lane) { return list.start(lane, now).size(); }
    std::string told(const Answer& one) {
        std::string lines;
        for (const auto& change : list.take(one, now))
            lines += watch_line(change, WallClock::time_point{}) + "\n";
        return lines;
    }
};

TEST(Watch, TellsTheFirstAnswerOnce) {
    STRCMP_EQUAL("1970-01-01T00:00:00Z = a.example A NOERROR 60 203.0.113.1 203.0.113.2\n",
                 told(answer("a.example", {"203.0.113.1", "203.0.113.2"})).c_str());
    STRCMP_EQUAL("", told(answer("a.example", {"203.0.113.2", "203.0.113.1"})).c_str());
}

TEST(Watch, TellsAMoveAtOnceAndWhatIsGoneAfterThreeAnswers) {
    told(answer("a.example", {"203.0.113.1"}));
    STRCMP_EQUAL("1970-01-01T00:00:00Z + a.example A 203.0.113.2\n",
                 told(answer("a.example", {"203.0.113.2"})).c_str());
    STRCMP_EQUAL("", told(answer("a.example", {"203.0.113.2"})).c_str());
    STRCMP_EQUAL("1970-01-01T00:00:00Z - a.example A 203.0.113.1\n",
                 told(answer("a.example", {"203.0.113.2"})).c_str());
}

TEST(Watch, LearnsNothingFromAFailure) {
    told(answer("a.example", {"203.0.113.1"}));
    STRCMP_EQUAL("1970-01-01T00:00:00Z ! a.example A TIMEOUT (was NOERROR)\n",
                 told(failure("a.example", Outcome::timeout)).c_str());
    for (int i = 0; i < 5; ++i)
        STRCMP_EQUAL("", told(failure("a.example", Outcome::timeout)).c_str());
    CHECK_EQUAL(1U, list.rows()[1].values.size());
}

TEST(Watch, AsksAgainWhenTheTtlHasPassed) {
    CHECK_EQUAL(2U, due(WatchLane::prompt));
    CHECK_EQUAL(0U, due(WatchLane::prompt)); // under way
    list.take(answer("a.example", {"203.0.113.1"}, 0), now);
    list.take(answer("b.example", {"203.0.113.1"}, 3600), now);
    CHECK_TRUE(list.next_due(WatchLane::prompt) == now + seconds(1));
    CHECK_EQUAL(0U, due(WatchLane::prompt));
    now += seconds(1);
    CHECK_EQUAL(1U, due(WatchLane::prompt));
    now += seconds(59);
    CHECK_EQUAL(1U, due(WatchLane::prompt));
}

TEST(Watch, AsksApartWhatFailedUntilItAnswers) {
    due(WatchLane::prompt);
    list.take(failure("a.example", Outcome::servfail), now);
    list.take(answer("b.example", {"203.0.113.1"}, 0), now);
    CHECK_TRUE(list.next_due(WatchLane::slow) == now + seconds(5));
    now += seconds(5);
    CHECK_EQUAL(1U, due(WatchLane::slow));
    CHECK_EQUAL(1U, due(WatchLane::prompt));
    list.take(answer("a.example", {"203.0.113.1"}, 0), now);
    now += seconds(1);
    CHECK_EQUAL(0U, due(WatchLane::slow));
    CHECK_EQUAL(1U, due(WatchLane::prompt));
}

TEST(Watch, HandsOverWhatKeepsOthersWaiting) {
    due(WatchLane::prompt);
    list.take(answer("b.example", {"203.0.113.1"}, 0), now);
    list.hand_over();
    CHECK_EQUAL(1U, due(WatchLane::slow));
    list.hand_over(); // leaves what the slow lane asks
    CHECK_EQUAL(0U, due(WatchLane::slow));
    CHECK_FALSE(list.rows()[1].asked);
}

TEST(Watch, KeepsABoundedNumberOfValues) {
    for (unsigned i = 0; i < kMostWatchedValues + 100; ++i)
        list.take(answer("a.example", {"203.0.113.1", "198.18." + std::to_string(i / 250) + "." +
                                                          std::to_string(i % 250 + 1)}),
                  now);
    CHECK_TRUE(list.rows()[1].values.size() <= kMostWatchedValues);
}

TEST(Watch, PassesOverAnswersToOtherQuestions) {
    STRCMP_EQUAL("", told(answer("other.example", {"203.0.113.1"})).c_str());
}

TEST(Watch, WritesAnObjectAChange) {
    const auto changes = list.take(answer("a.example", {"203.0.113.1"}), now);
    const auto object = nlohmann::json::parse(watch_json(changes[0], WallClock::time_point{}));
    for (const auto* key : {"time", "change", "name", "type", "status", "before", "ttl", "values"})
        CHECK_TRUE(object.contains(key));
    STRCMP_EQUAL("first", object["change"].get<std::string>().c_str());
}

TEST(Watch, NeverDrawsMoreThanTheScreenHolds) {
    std::vector<Question> many;
    for (int i = 0; i < 50; ++i) many.push_back({"n" + std::to_string(i) + ".example", RrType::a});
    const WatchList crowd(many, seconds(60), now);
    std::ostringstream out;
    WatchScreen screen(out);
    for (int i = 0; i < 20; ++i) screen.note("a change that is longer than the screen is wide");
    screen.draw(crowd.rows(), "headline", now, {10, 20});
    std::istringstream drawn(out.str());
    std::size_t lines = 0;
    for (std::string line; std::getline(drawn, line); ++lines) CHECK_TRUE(line.size() <= 24);
    CHECK_EQUAL(9U, lines);
    out.str("");
    screen.draw(crowd.rows(), "headline", now, {10, 20});
    CHECK_TRUE(out.str().starts_with("\x1b[9A\r\x1b[J"));
}
