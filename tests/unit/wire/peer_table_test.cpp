// SPDX-License-Identifier: Apache-2.0
// What one key may make a publisher remember.
#include "controlplane/wire/peer_table.hpp"

#include "controlplane/wire/messages.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(PeerTable) {
    PeerTable table;
    Peer gate{Role::gate, "branch7"};
    Peer relay{Role::relay, "hub"};
    PeerTable::Instant noon{std::chrono::hours(24 * 20'000)};

    bool says(const Peer& peer, const std::string& name, PeerTable::Instant now) {
        GateReport report;
        report.gate = name;
        return table.note(peer, report, now);
    }
    std::size_t claims(const Peer& peer, std::size_t names, PeerTable::Instant now) {
        std::size_t taken = 0;
        for (std::size_t i = 0; i < names; ++i)
            if (says(peer, "branch7/" + std::to_string(i), now)) ++taken;
        return taken;
    }
};

TEST(PeerTable, GivesAGateKeyEightNames) {
    LONGS_EQUAL(kMaxNamesPerGate, claims(gate, 100, noon));
    LONGS_EQUAL(kMaxNamesPerGate, table.size());
    CHECK_TRUE(says(gate, "branch7/0", noon)); // the ones it has, it keeps
    CHECK_TRUE(says({Role::gate, "branch8"}, "branch8/dpdk", noon));
}

TEST(PeerTable, GivesARelayMoreButNotAll) {
    LONGS_EQUAL(kMaxNamesPerRelay, claims(relay, kMaxNamesPerRelay + 9, noon));
    CHECK_TRUE(says(gate, "branch8/dpdk", noon));
}

TEST(PeerTable, CountsANameThatChangesItsSpeakerOnce) {
    LONGS_EQUAL(kMaxNamesPerGate, claims(gate, kMaxNamesPerGate, noon));
    CHECK_TRUE(says(relay, "branch7/0", noon));
    CHECK_TRUE(says(gate, "branch7/one-more", noon));
    CHECK_FALSE(says(gate, "branch7/two-more", noon));
    CHECK_FALSE(says(gate, "branch7/0", noon)); // its share is used up
}

TEST(PeerTable, ForgetsASilentGate) {
    LONGS_EQUAL(kMaxNamesPerGate, claims(gate, kMaxNamesPerGate, noon));
    const auto later = noon + kForgottenAfter;
    LONGS_EQUAL(0, table.all(later).size());
    CHECK_TRUE(says(gate, "branch7/new", later));
    LONGS_EQUAL(1, table.size());
    LONGS_EQUAL(1, table.all(later).size());
}

TEST(PeerTable, RemembersAGateThatSpeaks) {
    CHECK_TRUE(says(gate, "branch7/dpdk", noon));
    CHECK_TRUE(says(gate, "branch7/dpdk", noon + std::chrono::minutes(59)));
    LONGS_EQUAL(1, table.all(noon + std::chrono::minutes(90)).size());
}

TEST_GROUP(Report) {
    proto::GateReport report;
    void setup() override {
        report.set_gate("branch7/dpdk");
        report.set_kind(2);
        report.set_digest(std::string(32, 'd'));
    }
    bool fits() const { return decode(report).has_value(); }
};

TEST(Report, HoldsNoMoreSystemsThanASnapshot) {
    for (std::size_t i = 0; i < kMaxSystems; ++i) report.add_systems()->set_system("irc");
    CHECK_TRUE(fits());
    report.add_systems()->set_system("irc");
    CHECK_FALSE(fits());
}

TEST(Report, HoldsAtMost256Counters) {
    for (int i = 0; i < 256; ++i) report.add_counters()->set_name("passed");
    CHECK_TRUE(fits());
    report.add_counters()->set_name("passed");
    CHECK_FALSE(fits());
}

TEST(Report, TellsWhatALimitLetThroughAndWhatNot) {
    GateReport told{"branch7/dpdk", GateKind::dpdk, 7, {}, false, {{"irc", 1, 2, 3, 4, 5}}, {}, {}};
    proto::GateReport sent;
    encode(told, sent);
    const auto heard = decode(sent).value().systems.at(0);
    LONGS_EQUAL(4, heard.limited);
    LONGS_EQUAL(5, heard.within);
    LONGS_EQUAL(3, heard.monitored);
    proto::ProbeAnswer answer;
    encode(Address{},
           ProbeAnswer{
               "box", GateKind::dpdk, 1, true, false, Scope::shared, {"irc"}, Action::limit, ""},
           answer);
    LONGS_EQUAL(5, answer.action());
    CHECK_TRUE(decode(answer)->action == Action::limit);
    answer.set_action(6);
    CHECK_FALSE(decode(answer).has_value());
}

TEST(Report, NamesSchedulesInForce) {
    GateReport told{"branch7/dpdk", GateKind::dpdk, 7, {}, false, {}, {}, {"lunch", "night"}};
    proto::GateReport sent;
    encode(told, sent);
    CHECK_TRUE(decode(sent)->schedules == told.schedules);
    report.add_schedules("Not a name");
    CHECK_FALSE(fits());
    report.clear_schedules();
    for (std::size_t i = 0; i < kMaxSchedules; ++i) report.add_schedules("night");
    CHECK_TRUE(fits());
    report.add_schedules("night");
    CHECK_FALSE(fits());
}

TEST(Report, HoldsNoLongText) {
    report.add_counters()->set_name(std::string(kMaxText, 'x'));
    CHECK_TRUE(fits());
    report.add_counters()->set_name(std::string(kMaxText + 1, 'x'));
    CHECK_FALSE(fits());
    report.clear_counters();
    report.set_gate(std::string(kMaxText + 1, 'x'));
    CHECK_FALSE(fits());
    report.set_gate("branch7/dpdk");
    report.add_systems()->set_system(std::string(kMaxText + 1, 'x'));
    CHECK_FALSE(fits());
}
