// SPDX-License-Identifier: Apache-2.0
// Names in and out.
#include <set>

#include "tests/unit/cadence/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cadencetest;

TEST_GROUP(Cadence) { World world; };

TEST(Cadence, AsksNewNamesAtOnceForBothFamilies) {
    world.cadence.set_names(wanted({"a.example", "b.example"}), world.now);
    const auto asks = world.take();
    CHECK_EQUAL(4U, asks.size());
    std::set<Question> questions;
    for (const auto& ask : asks) questions.insert(ask.question);
    CHECK_EQUAL(4U, questions.size());
    CHECK_TRUE(questions.contains({"b.example", RrType::aaaa}));
    CHECK_TRUE(world.take().empty()); // in flight
    CHECK_FALSE(world.next().has_value());
}

TEST(Cadence, AsksForTheTypesWanted) {
    world.cadence.set_names(std::vector<Wanted>{{"_x._tcp.example", false, false, true},
                                                {"a.example", true, true, false}},
                            world.now);
    CHECK_EQUAL(4U, world.take().size()); // SRV; A, AAAA, HTTPS
}

TEST(Cadence, SpreadsNamesOfAnEarlierRunOverTheShortestInterval) {
    CadenceOptions options;
    options.shortest = seconds(10);
    World slow(options);
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) names.push_back("n" + std::to_string(i) + ".example");
    std::sort(names.begin(), names.end());
    slow.cadence.set_names(wanted(names), slow.now,
                           [](const std::string& name) { return name != "n7.example"; });
    CHECK_TRUE(slow.take().size() < 10); // the new one, and hardly more
    slow.now += milliseconds(5'000);
    const auto half = slow.take().size();
    CHECK_TRUE(half > 400 && half < 600);
    slow.now += milliseconds(5'000);
    CHECK_TRUE(slow.take().size() > 400);
}

TEST(Cadence, AsksWhatAPolicyAddsAtOnceAndLeavesTheRestAlone) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    for (const auto& ask : world.take()) world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
    world.cadence.set_names(wanted({"a.example", "b.example"}), world.now);
    const auto asks = world.take();
    CHECK_EQUAL(2U, asks.size());
    STRCMP_EQUAL("b.example", asks[0].question.name.c_str());
    CHECK_EQUAL(4U, world.cadence.tally().tasks);
}

TEST(Cadence, AsksWhatIsGoneNoMore) {
    world.cadence.set_names(wanted({"a.example", "b.example"}), world.now);
    const auto asks = world.take();
    world.cadence.set_names(wanted({"b.example"}), world.now);
    CHECK_EQUAL(2U, world.cadence.tally().tasks);
    for (const auto& ask : asks) world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
    world.cadence.set_names(wanted({"c.example"}), world.now);
    CHECK_EQUAL(2U, world.cadence.tally().tasks);
    CHECK_EQUAL(2U, world.take().size());
    world.now += std::chrono::hours(5);
    CHECK_TRUE(world.take().empty());
}

TEST(Cadence, ForgetsATypeThatIsWantedNoMore) {
    world.cadence.set_names(std::vector<Wanted>{{"a.example", true, true, false}}, world.now);
    CHECK_EQUAL(3U, world.cadence.tally().tasks);
    world.cadence.set_names(wanted({"a.example"}), world.now);
    CHECK_EQUAL(2U, world.take().size());
}

TEST(Cadence, AsksAgainWhatWasDropped) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    for (const auto& ask : world.take()) world.cadence.dropped(ask, world.now);
    CHECK_TRUE(world.wait() == seconds(1));
    CHECK_EQUAL(2U, world.take().size());
}

TEST(Cadence, AsksAtOnceInTheOtherLaneWhatKeepsOthersWaiting) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    for (const auto& ask : world.take()) world.cadence.delayed(ask, world.now);
    CHECK_TRUE(world.cadence.take(Cadence::Lane::healthy, 10, world.now).empty());
    const auto asks = world.cadence.take(Cadence::Lane::failing, 10, world.now);
    CHECK_EQUAL(2U, asks.size());
    CHECK_TRUE(asks[0].question.last);
    CHECK_EQUAL(0U, world.cadence.tally().failing); // nobody knows yet
    for (const auto& ask : asks) world.cadence.heard(ask, answer_to(ask, 60), 1, world.now);
    world.now += seconds(70);
    CHECK_EQUAL(2U, world.cadence.take(Cadence::Lane::healthy, 10, world.now).size());
}

TEST(Cadence, HurriesOnRequest) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    for (const auto& ask : world.take())
        world.cadence.heard(ask, answer_to(ask, 3'000), 1, world.now);
    CHECK_TRUE(world.take().empty());
    world.cadence.hurry(world.now);
    CHECK_EQUAL(2U, world.take().size());
}

TEST(Cadence, ProbesWithNamesThatWereAnswered) {
    world.cadence.set_names(wanted({"a.example", "b.example", "c.example"}), world.now);
    for (const auto& ask : world.take()) {
        const bool dead = ask.question.name == "b.example";
        world.cadence.heard(ask, answer_to(ask, 3'000, dead ? Outcome::timeout : Outcome::answered),
                            1, world.now);
    }
    world.cadence.probe(world.now);
    const auto asks = world.take();
    CHECK_EQUAL(3U, asks.size());
    for (const auto& ask : asks) CHECK_TRUE(ask.question.name != "b.example");
}

TEST(Cadence, AsksEachVantagePointThroughItsServersInTurn) {
    CadenceOptions options;
    options.vantages = {{0, 1}, {2}};
    World several(options);
    several.cadence.set_names(wanted({"a.example"}), several.now);
    std::map<std::uint8_t, std::set<std::uint8_t>> servers;
    for (int round = 0; round < 3; ++round) {
        for (const auto& ask : several.take()) {
            servers[ask.vantage].insert(ask.question.server.value());
            several.cadence.heard(ask, answer_to(ask, 60), 1, several.now);
        }
        several.now += std::chrono::hours(2);
    }
    CHECK_EQUAL(2U, servers.size());
    CHECK_EQUAL(2U, servers[0].size());
    CHECK_EQUAL(1U, servers[1].size());
    CHECK_TRUE(servers[1].contains(2));
}

TEST(Cadence, LetsAnyServerAnswerForTheOnlyVantagePoint) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    CHECK_FALSE(world.take().at(0).question.server.has_value());
}

TEST(Cadence, SendsAnUnseenAddressToTheOtherServersAtOnce) {
    CadenceOptions options;
    options.vantages = {{0, 1, 2}};
    World several(options);
    several.cadence.set_names(wanted({"a.example"}), several.now);
    for (const auto& ask : several.take()) {
        auto answer = answer_to(ask, 600);
        answer.server = 1;
        several.cadence.heard(ask, answer, 1, several.now);
    }
    several.cadence.learn("a.example", RrType::a, true, 0, several.now);
    std::vector<std::uint8_t> asked;
    for (int i = 0; i < 2; ++i) {
        CHECK_TRUE(several.wait() <= milliseconds(275));
        const auto asks = several.take();
        CHECK_EQUAL(1U, asks.size());
        asked.push_back(asks[0].question.server.value());
        several.cadence.heard(asks[0], answer_to(asks[0], 600), 1, several.now);
    }
    CHECK_EQUAL(2, asked[0]);
    CHECK_EQUAL(0, asked[1]);
    CHECK_TRUE(several.wait() >= seconds(500)); // and then as the TTL says
}

TEST(Cadence, IsNotDrivenOnByASetWithoutEnd) {
    CadenceOptions options;
    options.vantages = {{0, 1}};
    World several(options);
    several.cadence.set_names(wanted({"a.example"}), several.now);
    unsigned asked = 0;
    const auto end = several.now + std::chrono::minutes(50);
    for (std::uint64_t identity = 0; several.now < end; several.wait())
        for (const auto& ask : several.take()) {
            if (ask.question.type != RrType::a) continue;
            ++asked;
            several.cadence.heard(ask, answer_to(ask, 600), ++identity, several.now);
            several.cadence.learn("a.example", RrType::a, true, 8, several.now);
        }
    CHECK_TRUE(asked < 620);
}

TEST(Cadence, AsksTheOtherFamilyOfANameThatHasMovedAsSoonAsItsTtlAllows) {
    world.cadence.set_names(wanted({"a.example"}), world.now);
    const auto answer_all = [&](std::uint64_t identity, bool authoritative) {
        std::set<RrType> asked;
        for (const auto& ask : world.take()) {
            const bool a = ask.question.type == RrType::a;
            auto answer = answer_to(ask, a ? 60 : 600);
            answer.authoritative = authoritative;
            world.cadence.heard(ask, answer, a ? identity : 1, world.now);
            asked.insert(ask.question.type);
        }
        return asked;
    };
    for (const bool authoritative : {true, false}) {
        world.cadence.hurry(world.now);
        for (int i = 0; i < 5; ++i, world.wait()) answer_all(1, authoritative);
        answer_all(2, authoritative);
        world.cadence.learn("a.example", RrType::a, true, 0, world.now);
        if (!authoritative) {
            CHECK_TRUE(answer_all(2, authoritative).empty());
            world.now += seconds(300); // 5 minutes were gone already, and the moves of A
        }
        CHECK_TRUE(answer_all(2, authoritative).contains(RrType::aaaa));
    }
}
