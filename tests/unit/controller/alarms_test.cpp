// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/alarms.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

Judgement refused(const std::string& prefix, Refusal refusal, const std::string& reason) {
    Judgement judgement;
    judgement.prefix = *parse_prefix(prefix);
    judgement.system = "irc";
    judgement.hostname = "irc.example.net";
    judgement.refusal = refusal;
    judgement.reason = reason;
    return judgement;
}

} // namespace

TEST_GROUP(Alarms) { SnapshotPlan plan; };

TEST(Alarms, AreOneForASystemAndKind) {
    for (int i = 0; i < 3; ++i)
        plan.judgements.push_back(
            refused("45.0.0." + std::to_string(i), Refusal::protected_host, "protected: a bank"));
    plan.judgements.push_back(refused("45.0.1.1", Refusal::quorum, "no quorum"));
    plan.judgements.push_back(refused("45.0.1.2", Refusal::by_admin, "refused by alice"));
    plan.holds = {{"irc", 1, 9, "would gain 8", {}, {}, {}}, {"aim", 1, 9, "x", {}, {}, "alice"}};
    const auto alarms = alarms_of(plan, std::vector<ParityAlarm>{{"irc", "no AAAA"}}, {}, {});
    CHECK_EQUAL(3U, alarms.size());
    STRCMP_EQUAL("held", alarms[0].kind.c_str());
    STRCMP_EQUAL("no-ipv6", alarms[1].kind.c_str());
    STRCMP_EQUAL("protected", alarms[2].kind.c_str());
    STRCMP_EQUAL("45.0.0.0/32 of irc.example.net is not enforced: protected: a bank; and 2 more",
                 alarms[2].text.c_str());
}

TEST(Alarms, TellWhenAListIsTooLongForBothForms) {
    plan.untranslated = "too many";
    const auto alarms = alarms_of(plan, {}, {}, {});
    CHECK_EQUAL(1U, alarms.size());
    STRCMP_EQUAL("nat64", alarms[0].kind.c_str());
    STRCMP_EQUAL("too many", alarms[0].text.c_str());
}

TEST(Alarms, SayWhomTheyAreAbout) {
    STRCMP_EQUAL("box/dpdk: silent", line_of({"k", "irc", "silent", {}, {}, "box/dpdk"}).c_str());
    STRCMP_EQUAL("irc: held", line_of({"k", "irc", "held"}).c_str());
    STRCMP_EQUAL("disk full", line_of({"k", "", "disk full"}).c_str());
}

TEST(Alarms, MakeHealthAsBadAsTheWorst) {
    std::vector<Alarm> alarms{{"a", "irc", "x", {}, Severity::info}};
    STRCMP_EQUAL("info", std::string(to_string(health_of(alarms).verdict)).c_str());
    CHECK_TRUE(health_of(alarms).faults.empty());
    alarms.push_back({"b", "irc", "slow", {}, Severity::degraded});
    CHECK_TRUE(health_of(alarms).verdict == Severity::degraded);
    alarms.push_back({"c", "", "gone", {}, Severity::broken, "box/dpdk"});
    const auto health = health_of(alarms);
    CHECK_TRUE(health.verdict == Severity::broken);
    CHECK_EQUAL(2U, health.faults.size());
    STRCMP_EQUAL("box/dpdk: gone", health.faults[0].c_str());
}
