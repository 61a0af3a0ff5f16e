// SPDX-License-Identifier: Apache-2.0
// More names than the budget has questions for.
#include "tests/unit/cadence/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cadencetest;

namespace {

CadenceOptions with_budget(unsigned per_second) {
    CadenceOptions options;
    options.questions_per_second = per_second;
    return options;
}

std::vector<std::string> numbered(const std::string& label, int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(label + std::to_string(i) + ".example");
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_GROUP(QuestionBudget){};

TEST(QuestionBudget, IsKeptOverAnyTime) {
    World world(with_budget(50));
    world.cadence.set_names(wanted(numbered("n", 1000)), world.now);
    std::size_t asked = 0;
    for (int turn = 0; turn < 100; ++turn) {
        asked += world.take().size();
        world.now += milliseconds(100);
    }
    CHECK_TRUE(asked >= 490 && asked <= 515); // 10 s, and 200 ms' worth that may be saved
    CHECK_TRUE(world.cadence.tally().waiting > 1000);
}

TEST(QuestionBudget, SaysWhenTheNextQuestionMayGo) {
    World world(with_budget(2));
    world.cadence.set_names(wanted({"a.example", "b.example"}), world.now);
    CHECK_EQUAL(1U, world.take().size());
    CHECK_TRUE(world.wait() == milliseconds(500));
    CHECK_EQUAL(1U, world.take().size());
}

TEST(QuestionBudget, GoesFirstToNamesWithTheMostToExpect) {
    World world(with_budget(100));
    world.cadence.set_names(wanted(numbered("n", 50)), world.now);
    for (int turn = 0; turn < 50; ++turn) {
        for (const auto& ask : world.take())
            world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
        world.now += milliseconds(100);
    }
    for (const auto* name : {"n7.example", "n42.example"})
        world.cadence.learn(name, RrType::a, true, 0.8, world.now);
    world.now += std::chrono::hours(1); // all are due, some of them before those two
    const auto asks = world.take(2);
    CHECK_EQUAL(2U, asks.size());
    for (const auto& ask : asks) {
        CHECK_TRUE(ask.question.name == "n7.example" || ask.question.name == "n42.example");
        CHECK_TRUE(ask.question.type == RrType::a);
    }
}

TEST(QuestionBudget, StarvesNobody) {
    auto options = with_budget(5);
    options.longest = seconds(60);
    World world(options);
    world.cadence.set_names(wanted(numbered("n", 20)), world.now);
    std::map<std::string, int> asked;
    for (int turn = 0; turn < 3000; ++turn) {
        for (const auto& ask : world.take()) {
            ++asked[ask.question.name];
            // All but one bring something new each time, far above the budget.
            world.cadence.heard(ask, answer_to(ask, 60), static_cast<std::uint64_t>(turn),
                                world.now);
            if (ask.question.name != "n0.example")
                world.cadence.learn(ask.question.name, ask.question.type, true, 3, world.now);
        }
        world.now += milliseconds(100);
    }
    CHECK_EQUAL(20U, asked.size());
    CHECK_TRUE(asked["n0.example"] >= 6); // of 300 s: at least one family a minute
    CHECK_TRUE(asked["n1.example"] > asked["n0.example"]);
}

TEST(QuestionBudget, IsSharedByStableNamesThatWaitLonger) {
    auto options = with_budget(20);
    World world(options);
    world.cadence.set_names(wanted(numbered("n", 1000)), world.now); // 2000 / 60 s = 33 a second
    std::size_t asked = 0;
    for (int turn = 0; turn < 12'000; ++turn) {
        for (const auto& ask : world.take()) {
            asked += turn >= 6'000 ? 1 : 0;
            world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
        }
        world.now += milliseconds(100);
    }
    const auto tally = world.cadence.tally();
    DOUBLES_EQUAL(33.3, tally.wanted_per_second, 1);
    DOUBLES_EQUAL(33.3 / 19, tally.stretch, 0.1);
    CHECK_TRUE(asked > 600 * 17 && asked < 600 * 20);
    CHECK_TRUE(tally.waiting < 200);
}

TEST(QuestionBudget, DoesNotStretchWhatFitsIntoIt) {
    World world(with_budget(200));
    world.cadence.set_names(wanted(numbered("n", 1000)), world.now);
    for (int turn = 0; turn < 1'000; ++turn) {
        for (const auto& ask : world.take())
            world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
        world.now += milliseconds(100);
    }
    DOUBLES_EQUAL(1, world.cadence.tally().stretch, 0);
}

TEST_GROUP(Move) {
    World world{with_budget(20)};
    std::uint64_t identity = 1; // of n7.example's A records

    /// Answers what is asked with a TTL of 60 s; returns the moments at which `name` was.
    std::map<RrType, std::vector<milliseconds>> pass(milliseconds time, const std::string& name) {
        std::map<RrType, std::vector<milliseconds>> asked;
        const auto start = world.now;
        for (; world.now - start < time; world.now += milliseconds(100))
            for (const auto& ask : world.take()) {
                const bool ours = ask.question.name == name;
                if (ours)
                    asked[ask.question.type].push_back(
                        std::chrono::duration_cast<milliseconds>(world.now - start));
                world.cadence.heard(ask, answer_to(ask, 60),
                                    ours && ask.question.type == RrType::a ? identity : 1,
                                    world.now);
            }
        return asked;
    }
    void setup() override {
        world.cadence.set_names(wanted(numbered("n", 1000)), world.now);
        pass(std::chrono::minutes(20), "n7.example"); // all are stable, and wait 1.8 times as long
    }
    void move() {
        ++identity;
        std::map<RrType, std::vector<milliseconds>> asked;
        while (!asked.contains(RrType::a)) asked = pass(milliseconds(100), "n7.example");
        world.cadence.learn("n7.example", RrType::a, true, 0, world.now);
    }
};

TEST(Move, SparesANameTheShortBudgetForAnHour) {
    CHECK_TRUE(pass(std::chrono::minutes(20), "n7.example")[RrType::a].size() <= 13);
    move();
    CHECK_TRUE(pass(std::chrono::minutes(20), "n7.example")[RrType::a].size() >= 17);
    pass(std::chrono::minutes(45), "n7.example");
    CHECK_TRUE(pass(std::chrono::minutes(20), "n7.example")[RrType::a].size() <= 13);
}
