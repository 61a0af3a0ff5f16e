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

TEST(Alarms, TellOfAQuorumOnlyWhenItIsWaitedForTooLong) {
    const Instant start{std::chrono::hours{1}};
    auto waits = refused("45.0.1.1", Refusal::quorum, "no quorum: 1 of 2");
    waits.waits_since = start;
    const auto raised = [&](std::chrono::seconds ttl, std::chrono::seconds after) {
        waits.waits_for = ttl;
        plan.judgements = {waits};
        const auto alarms = alarms_of(plan, {}, {}, start + after);
        return alarms.empty() ? std::string() : alarms.front().kind;
    };
    using std::chrono::seconds;
    STRCMP_EQUAL("", raised(seconds{60}, seconds{299}).c_str());
    STRCMP_EQUAL("quorum", raised(seconds{60}, seconds{300}).c_str());
    STRCMP_EQUAL("", raised(seconds{86400}, seconds{9}).c_str()); // the other is being asked
    STRCMP_EQUAL("quorum", raised(seconds{86400}, seconds{10}).c_str());
    waits.contested = true; // that is no mere wait
    STRCMP_EQUAL("quorum", raised(seconds{60}, seconds{0}).c_str());
}

TEST(Alarms, TellWhenAListIsTooLongForBothForms) {
    plan.untranslated = "too many";
    const auto alarms = alarms_of(plan, {}, {}, {});
    CHECK_EQUAL(1U, alarms.size());
    STRCMP_EQUAL("nat64", alarms[0].kind.c_str());
    STRCMP_EQUAL("too many", alarms[0].text.c_str());
}

TEST(Alarms, AreRaisedOnceWhileTheyStand) {
    AlarmLog log;
    const Instant first{std::chrono::hours{1}};
    const Instant later{std::chrono::hours{2}};
    log.update({{"held", "irc", "a", first}});
    log.update({{"held", "irc", "b", later}});
    CHECK_EQUAL(1U, log.newest(10).size());
    CHECK_TRUE(log.standing().at(0).since == first);
    STRCMP_EQUAL("b", log.standing()[0].text.c_str());
    log.update({});
    CHECK_TRUE(log.standing().empty());
    log.update({{"held", "irc", "c", later}});
    CHECK_EQUAL(2U, log.newest(10).size());
    STRCMP_EQUAL("c", log.newest(1).at(0).text.c_str());
}
