// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/name_alarms.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(NameAlarms) {
    Instant noon{1000h};
    std::vector<NameState> names;
    std::vector<BookName> asked;

    void name(const std::string& system, const std::string& hostname, std::uint64_t failures) {
        NameState state;
        state.name.system = system;
        state.name.hostname = hostname;
        state.failures = failures;
        state.last_asked = noon;
        names.push_back(state);
        asked.push_back(state.name);
    }
};

TEST(NameAlarms, ASystemOfWhichEveryNameFailsIsNamed) {
    name("irc", "a.example", 3);
    name("irc", "b.example", 9);
    name("aim", "c.example", 9);
    name("aim", "d.example", 0);
    const auto alarms = failing_systems(names, asked, noon);
    CHECK_EQUAL(1U, alarms.size());
    STRCMP_EQUAL("irc", alarms[0].system.c_str());
    STRCMP_CONTAINS("all 2 of its names fail", alarms[0].text.c_str());
}

TEST(NameAlarms, OneFailureIsNone) {
    name("irc", "a.example", 2);
    CHECK_TRUE(failing_systems(names, asked, noon).empty());
}

TEST(NameAlarms, NamesThatAreNoLongerAskedDoNotCount) {
    name("irc", "a.example", 9);
    asked.clear();
    CHECK_TRUE(failing_systems(names, asked, noon).empty());
}

TEST_GROUP(QuorumWaits) {
    SnapshotPlan plan;
    Instant noon{1000h};

    void setup() override { wait_since(noon, 60s); }
    void wait_since(Instant since, std::chrono::seconds ttl) {
        Judgement judgement;
        judgement.prefix = *parse_prefix("45.60.2.1");
        judgement.system = "irc";
        judgement.hostname = "irc.example";
        judgement.refusal = Refusal::quorum;
        judgement.reason = "no quorum: 1 of 2";
        judgement.waits_since = since;
        judgement.waits_for = ttl;
        plan.judgements.push_back(judgement);
    }
};

TEST(QuorumWaits, AreToldAfterTheirTime) {
    CHECK_TRUE(quorum_waits(plan, 180s, noon + 179s).empty());
    const auto alarms = quorum_waits(plan, 180s, noon + 180s);
    CHECK_EQUAL(1U, alarms.size());
    STRCMP_EQUAL("quorum-wait", alarms[0].kind.c_str());
    STRCMP_EQUAL("45.60.2.1/32 of irc.example has waited for a quorum since 1970-02-11 16:00:00 "
                 "UTC: no quorum: 1 of 2",
                 alarms[0].text.c_str());
}

TEST(QuorumWaits, TheOldestOfASystemIsTheOneThatIsTold) {
    wait_since(noon - 1h, 60s);
    const auto alarms = quorum_waits(plan, 180s, noon + 180s);
    CHECK_EQUAL(1U, alarms.size());
    STRCMP_CONTAINS("15:00:00 UTC: no quorum: 1 of 2; and 1 more", alarms[0].text.c_str());
}

TEST(QuorumWaits, WithALongTtlAreToldOnceTheOthersWereAsked) {
    plan.judgements.clear();
    wait_since(noon, 86400s);
    CHECK_TRUE(quorum_waits(plan, 180s, noon + 9s).empty());
    CHECK_EQUAL(1U, quorum_waits(plan, 180s, noon + 10s).size());
    CHECK_EQUAL(1U, quorum_waits(plan, 5s, noon + 5s).size()); // no later than asked for
    plan.judgements.clear();
    wait_since(noon, 1800s);
    CHECK_TRUE(quorum_waits(plan, 180s, noon + 179s).empty());
}

TEST(QuorumWaits, AContestedOneIsAnotherAlarm) {
    plan.judgements[0].contested = true;
    CHECK_TRUE(quorum_waits(plan, 180s, noon + 999s).empty());
}
