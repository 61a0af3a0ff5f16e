// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/parity.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Parity) {
    SnapshotPlan plan;
    std::vector<NameState> names;

    void setup() override {
        plan.parts.systems.resize(1);
        plan.parts.systems[0].id = "irc";
    }
    void enforce(const std::string& prefix) {
        plan.parts.listings.push_back({*parse_prefix(prefix), 0, Scope::exclusive});
    }
    void answer(const std::string& prefix, Refusal refusal) {
        Judgement judgement;
        judgement.prefix = *parse_prefix(prefix);
        judgement.system = "irc";
        judgement.hostname = "irc.example.net";
        judgement.refusal = refusal;
        plan.judgements.push_back(judgement);
    }
    void ask(NameOutcome outcome, Instant answered = {}) {
        NameState state;
        state.name = {"irc", "irc.example.net", Role::server};
        state.type = Family::ipv6;
        state.last_outcome = outcome;
        state.last_answered = answered;
        names.push_back(state);
    }
    std::string alarm() {
        const auto alarms = check_parity(plan, names);
        return alarms.empty() ? "none" : alarms.front().system + " " + alarms.front().words;
    }
};

TEST(Parity, HoldsWhereBothFamiliesAreEnforced) {
    enforce("45.0.0.1");
    enforce("2600::1");
    answer("2600::1", Refusal::none);
    answer("2600::2", Refusal::quorum);
    STRCMP_EQUAL("none", alarm().c_str());
}

TEST(Parity, HoldsWhereThereIsNoIpv6) {
    enforce("45.0.0.1");
    ask(NameOutcome::no_data);
    STRCMP_EQUAL("none", alarm().c_str());
}

TEST(Parity, IsBrokenWhenEveryAnswerIsRefused) {
    enforce("45.0.0.1");
    answer("2600::1", Refusal::quorum);
    answer("2600::2", Refusal::protected_host);
    answer("2600::3", Refusal::quorum);
    STRCMP_EQUAL("irc answers AAAA with 3 addresses, but none is enforced: 1 protected, 2 quorum",
                 alarm().c_str());
}

TEST(Parity, IsBrokenWhenTheSetIsHeld) {
    answer("2600::1", Refusal::none);
    STRCMP_EQUAL("irc answers AAAA with 1 addresses, but none is enforced: the set is held",
                 alarm().c_str());
}

TEST(Parity, IsUnknownWhenEveryQuestionFailed) {
    enforce("45.0.0.1");
    ask(NameOutcome::timeout);
    ask(NameOutcome::server_failure);
    STRCMP_EQUAL("irc nobody knows its IPv6 addresses: all 2 AAAA questions failed",
                 alarm().c_str());
    ask(NameOutcome::timeout, Instant{std::chrono::hours{1}});
    STRCMP_EQUAL("none", alarm().c_str());
}
