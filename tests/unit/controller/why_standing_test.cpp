// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why_standing.hpp"

#include "controlplane/controller/why_prefix.hpp"
#include "tests/unit/controller/why_site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using sweepgate::test::address;
using sweepgate::test::prefix;

namespace {

constexpr Instant kHeldSince{std::chrono::seconds(1'796'067'061)}; // 2026-11-30T19:31:01Z

} // namespace

TEST_GROUP(WhyStanding) {
    Snapshot snapshot = test::site();
    SnapshotPlan plan = test::plan();
    std::vector<Alarm> alarms{{"held", "tox", "would gain 51 addresses", kHeldSince}};

    WhyFacts facts() const { return {&snapshot, &plan, alarms}; }
    std::string said(const char* text) const {
        const auto standing = standing_of(facts(), address(text));
        return sentence_of(facts(), address(text), standing);
    }
    Standing stands(const char* text) const { return standing_of(facts(), address(text)).standing; }
    /// Of the only judgement.
    std::string effect(const char* text) const {
        const auto standing = standing_of(facts(), address(text));
        return std::string(effect_of(facts(), standing, *standing.judgements.at(0)));
    }
};

TEST(WhyStanding, NamesTheHoldAndWhatDecidesIt) {
    CHECK_TRUE(stands("198.18.70.130") == Standing::held);
    STRCMP_EQUAL("198.18.70.130 is held since 2026-11-30T19:31:01Z: tox would gain 51 addresses; "
                 "sweepgate approve tox | refuse tox; until then it passes (generation 27)",
                 said("198.18.70.130").c_str());
    STRCMP_EQUAL("held, not in force", effect("198.18.70.130").c_str());
}

TEST(WhyStanding, NamesTheHoldThatKeepsAnAddressIn) {
    STRCMP_EQUAL("198.18.70.1 is listed by 198.18.70.1/32 (generation 27), exclusive: on every "
                 "port; its going is held since 2026-11-30T19:31:01Z: tox would gain 51 "
                 "addresses; sweepgate approve tox | refuse tox",
                 said("198.18.70.1").c_str());
}

TEST(WhyStanding, NamesWhoRefusedWhatIsHeld) {
    plan.holds[0].refused_by = "alice";
    STRCMP_CONTAINS("refused by alice; sweepgate approve tox takes that back",
                    said("198.18.70.130").c_str());
}

TEST(WhyStanding, SaysWhatIsListedAndHow) {
    STRCMP_EQUAL("203.0.113.9 is listed by 203.0.113.0/28 (generation 27), exclusive: on every "
                 "port",
                 said("203.0.113.9").c_str());
    STRCMP_EQUAL("in force", effect("203.0.113.9").c_str());
    STRCMP_CONTAINS("shared with others: on the system's ports only", said("203.0.113.32").c_str());
}

TEST(WhyStanding, SaysWhoseExceptionItIs) {
    STRCMP_EQUAL("203.0.113.8 is allowed before everything else (generation 27): sanctioned: "
                 "chat.corp.example",
                 said("203.0.113.8").c_str());
    STRCMP_EQUAL("allowed first, so it passes", effect("203.0.113.8").c_str());
    STRCMP_EQUAL("192.168.7.7 is not listed (generation 27): it passes; never hit: own network "
                 "192.168.0.0/16",
                 said("192.168.7.7").c_str());
    STRCMP_CONTAINS("never hit: never-block list: 203.0.113.90/32", said("203.0.113.90").c_str());
}

TEST(WhyStanding, SaysWhatTheGuardRefusesOrWaitsFor) {
    STRCMP_EQUAL("203.0.113.70 is not listed yet (generation 27): it passes; irc waits for more "
                 "resolvers: no quorum: 1 of 2 resolvers said so",
                 said("203.0.113.70").c_str());
    STRCMP_EQUAL("203.0.113.71 is not listed (generation 27): it passes; the guard refuses it for "
                 "irc: protected: bank.example (bank)",
                 said("203.0.113.71").c_str());
    STRCMP_EQUAL("203.0.113.72 is not listed (generation 27): it passes; the guard refuses it for "
                 "irc: refused by bob; sweepgate approve irc takes that back",
                 said("203.0.113.72").c_str());
    STRCMP_EQUAL("not enforced", effect("203.0.113.72").c_str());
}

TEST(WhyStanding, SaysWhatComesNextAndWhatNobodyHas) {
    STRCMP_EQUAL("203.0.113.73 is not listed yet (generation 27): it passes; the next generation "
                 "lists it for irc",
                 said("203.0.113.73").c_str());
    STRCMP_EQUAL("203.0.113.99 is not listed (generation 27): it passes",
                 said("203.0.113.99").c_str());
    const WhyFacts nothing;
    STRCMP_EQUAL(
        "203.0.113.9: nothing has been published yet",
        sentence_of(nothing, address("203.0.113.9"), standing_of(nothing, address("203.0.113.9")))
            .c_str());
}

TEST(WhyStanding, TakesAPrefixApart) {
    const auto parts = parts_of(facts(), prefix("203.0.113.0/24"));
    STRCMP_EQUAL(
        "2 parts in 203.0.113.0/24 are listed (generation 27), 17 of 256 addresses; 1 part "
        "is allowed before everything else; the guard refuses 3 more",
        parts["summary"].get<std::string>().c_str());
    STRCMP_EQUAL("203.0.113.0/28", parts["listed"][0]["prefix"].get<std::string>().c_str());
    STRCMP_EQUAL("telegram", parts["listed"][1]["systems"][0].get<std::string>().c_str());
    STRCMP_EQUAL("203.0.113.8/32", parts["allowed"][0].get<std::string>().c_str());
    CHECK_EQUAL(3U, parts["exceptions"].size());
    STRCMP_EQUAL("203.0.113.0/30 is listed whole by 203.0.113.0/28 (generation 27)",
                 parts_of(facts(), prefix("203.0.113.0/30"))["summary"].get<std::string>().c_str());
    STRCMP_EQUAL(
        "nothing in 198.18.70.128/25 is listed (generation 27): it passes; 1 address is "
        "held",
        parts_of(facts(), prefix("198.18.70.128/25"))["summary"].get<std::string>().c_str());
}
