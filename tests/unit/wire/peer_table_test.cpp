// SPDX-License-Identifier: Apache-2.0
// What one key may make a publisher remember.
#include "controlplane/wire/peer_table.hpp"

#include "controlplane/wire/messages.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using namespace std::chrono_literals;

TEST_GROUP(PeerTable) {
    PeerTable table;
    Peer gate{Role::gate, "branch7"};
    Peer relay{Role::relay, "hub"};
    Moment noon{};

    bool says(const Peer& peer, const std::string& name, Moment now) {
        GateReport report;
        report.gate = name;
        return table.note(peer, report, now);
    }
    std::size_t claims(const Peer& peer, std::size_t names, Moment now) {
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

TEST(PeerTable, RemembersASilentGateUntilItIsForgotten) {
    CHECK_TRUE(says(gate, "branch7/dpdk", noon));
    CHECK_TRUE(says({Role::gate, "branch8"}, "branch8/dpdk", noon + 72h));
    LONGS_EQUAL(2, table.all().size());
    CHECK_TRUE(table.forget("branch7/dpdk"));
    CHECK_FALSE(table.forget("branch7/dpdk"));
    LONGS_EQUAL(1, table.all().size());
}

TEST(PeerTable, GivesTheLongestSilentNameOfAKeyToANewOne) {
    CHECK_TRUE(says(gate, "branch7/oldest", noon));
    LONGS_EQUAL(kMaxNamesPerGate - 1, claims(gate, kMaxNamesPerGate - 1, noon + 1s));
    CHECK_FALSE(says(gate, "branch7/new", noon + 59min)); // somebody may come back
    CHECK_TRUE(says(gate, "branch7/new", noon + 61min));
    LONGS_EQUAL(kMaxNamesPerGate, table.size());
    CHECK_FALSE(table.forget("branch7/oldest"));
}

TEST_GROUP(BoxesOfOneName) {
    PeerTable table;
    Peer key{Role::gate, "box"};
    Moment noon{};

    void says(const std::string& instance, Moment now, Generation generation = 1) {
        GateReport report;
        report.gate = "box/dpdk";
        report.generation = generation;
        report.speaker.instance = instance;
        CHECK_TRUE(table.note(key, report, now));
    }
};

TEST(BoxesOfOneName, ARestartLeavesOneRowAtOnce) {
    says("aaaa-1", noon);
    says("aaaa-2", noon + 2s);
    LONGS_EQUAL(1, table.all().size());
    STRCMP_EQUAL("aaaa-2", table.all()[0].instance.c_str());
    CHECK_FALSE(table.all()[0].doubled);
}

TEST(BoxesOfOneName, LastWordsOfTheOldProgramAreNoSecondBox) {
    says("aaaa-1", noon);
    says("aaaa-2", noon + 2s);
    says("aaaa-1", noon + 2900ms); // on its way when its program ended
    says("aaaa-2", noon + 4s);
    LONGS_EQUAL(1, table.all().size());
    CHECK_FALSE(table.all()[0].doubled);
}

TEST(BoxesOfOneName, TwoThatSpeakBesideEachOtherAreTwoRows) {
    says("aaaa-1", noon, 5);
    says("bbbb-1", noon + 1s, 6);
    says("aaaa-1", noon + 4s, 5);
    const auto both = table.all();
    LONGS_EQUAL(2, both.size());
    LONGS_EQUAL(5, both[0].report->generation); // neither overwrites the other
    LONGS_EQUAL(6, both[1].report->generation);
    CHECK_TRUE(both[0].doubled && both[1].doubled);
}

TEST(BoxesOfOneName, OneThatHasJustSpokenIsNotOverWhileTheOtherSpeaksTwice) {
    says("aaaa-1", noon);
    says("bbbb-1", noon + 1100ms);
    says("bbbb-1", noon + 2200ms); // and then it dies
    says("aaaa-1", noon + 2300ms);
    LONGS_EQUAL(2, table.all().size());
    CHECK_TRUE(table.all()[0].doubled && table.all()[1].doubled);
}

TEST(BoxesOfOneName, TheDeadOneOfTwoStaysUntilTheNameIsForgotten) {
    says("aaaa-1", noon);
    says("bbbb-1", noon + 1s);
    says("aaaa-1", noon + 4s);
    says("aaaa-2", noon + 60s); // the living one was restarted
    says("aaaa-2", noon + 62s);
    const auto left = table.all();
    LONGS_EQUAL(2, left.size());
    STRCMP_EQUAL("bbbb-1", left[0].instance.c_str());
    STRCMP_EQUAL("aaaa-2", left[1].instance.c_str());
}

TEST(BoxesOfOneName, AreBounded) {
    for (int i = 0; i < 20; ++i) says("box" + std::to_string(i), noon + 2s * i);
    for (int i = 0; i < 20; ++i) says("box" + std::to_string(i), noon + 60s + 2s * i);
    CHECK_TRUE(table.all().size() <= kMaxBoxesPerName);
}

TEST(BoxesOfOneName, OneFromBeforeARestartOfOursIsReplacedByWhoSpeaks) {
    PeerState before;
    before.gate = "box/dpdk";
    before.instance = "aaaa-1";
    before.last_seen = noon.wall - 1h;
    table.remember({before});
    CHECK_TRUE(table.all()[0].remembered);
    LONGS_EQUAL(0, table.heard_within(3600s).size());
    says("aaaa-2", noon);
    LONGS_EQUAL(1, table.all().size());
    CHECK_FALSE(table.all()[0].remembered);
    table.remember({before}); // too late
    LONGS_EQUAL(1, table.all().size());
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

TEST(Report, TellsOfItsProgram) {
    GateReport told{"branch7/dpdk", GateKind::dpdk, 7, {}, false, {}, {}, {}};
    told.speaker = {"c0ffee-1", "0.2.0", 1'800'000'000'123, Saved::no, 6, "not signed by a key"};
    told.warnings = {"bypass: br0", "lro is on"};
    proto::GateReport sent;
    encode(told, sent);
    const auto heard = decode(sent).value();
    STRCMP_EQUAL("c0ffee-1", heard.speaker.instance.c_str());
    STRCMP_EQUAL("0.2.0", heard.speaker.version.c_str());
    CHECK_TRUE(heard.speaker.clock_ms == told.speaker.clock_ms);
    CHECK_TRUE(heard.speaker.saved == Saved::no);
    LONGS_EQUAL(6, heard.speaker.saved_generation);
    STRCMP_EQUAL("not signed by a key", heard.speaker.refusal.c_str());
    CHECK_TRUE(heard.warnings == told.warnings);
    CHECK_TRUE(is_bypass(heard.warnings[0]) && !is_bypass(heard.warnings[1]));
}

TEST(Report, OfAnOlderGateSaysNothingOfItsProgram) {
    CHECK_TRUE(decode(report)->speaker.saved == Saved::untold);
    STRCMP_EQUAL("", decode(report)->speaker.instance.c_str());
}

TEST(Report, HoldsAtMost32WarningsAndKnownWords) {
    for (int i = 0; i < 32; ++i) report.add_warnings("lro is on");
    CHECK_TRUE(fits());
    report.add_warnings("lro is on");
    CHECK_FALSE(fits());
    report.clear_warnings();
    report.mutable_speaker()->set_saved(4);
    CHECK_FALSE(fits());
    report.mutable_speaker()->set_saved(3);
    report.mutable_speaker()->set_instance(std::string(65, 'x'));
    CHECK_FALSE(fits());
}

TEST(Report, IsCutToWhatAReaderTakes) {
    GateReport told{"branch7/dpdk", GateKind::dpdk, 7, {}, false, {}, {}, {}};
    told.warnings.assign(100, std::string(1000, 'x'));
    told.speaker.refusal.assign(10'000, 'x');
    proto::GateReport sent;
    encode(told, sent);
    CHECK_TRUE(decode(sent).has_value());
    LONGS_EQUAL(32, decode(sent)->warnings.size());
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
