// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_states.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(GateStates) {
    wire::Moment now{};
    Published ours{7, Digest{7}};
    wire::PeerState gate;

    void setup() override {
        gate.gate = "box/nftables";
        gate.instance = "aaaa-1";
        gate.heard = now.steady - 1s;
        gate.last_seen = now.wall - 1s;
        gate.clock_offset = 0ms;
        gate.report.emplace();
        gate.report->generation = 7;
        gate.report->digest = ours.digest;
        gate.report->speaker = {"aaaa-1", "0.2.0", 1'800'000'000'000, Saved::yes, 7, ""};
    }
    GateRow judged() const { return judge_gates({gate}, ours, GateBounds{}, now).at(0); }
    std::string state() const { return std::string(to_string(judged().state())); }
    std::string text() const { return judged().text(); }
};

TEST(GateStates, AliveTheSameSavedAndOnTimeIsCurrent) {
    STRCMP_EQUAL("current", text().c_str());
    CHECK_TRUE(to_json(judged())["current"].get<bool>());
}

TEST(GateStates, ThreeMissedReportsAreSilence) {
    gate.heard = now.steady - 6900ms;
    STRCMP_EQUAL("current", state().c_str());
    gate.heard = now.steady - 23s;
    STRCMP_EQUAL("silent", state().c_str());
    STRCMP_EQUAL("silent 23 s", text().c_str());
    CHECK_FALSE(to_json(judged())["current"].get<bool>());
}

TEST(GateStates, SilenceDoesNotFollowTheWallClock) {
    gate.last_seen = now.wall - 5h; // ours was set meanwhile
    STRCMP_EQUAL("current", state().c_str());
    gate.heard = now.steady - 23s;
    gate.last_seen = now.wall + 5h;
    STRCMP_EQUAL("silent", state().c_str());
}

TEST(GateStates, OneOnlyRememberedIsSilentHoweverLateItWasHeard) {
    gate.remembered = true;
    gate.heard = {};
    STRCMP_EQUAL("silent 1 s, not heard since the controller started", text().c_str());
    gate.last_seen = now.wall - 50h;
    STRCMP_EQUAL("silent 2 d, not heard since the controller started", text().c_str());
}

TEST(GateStates, ANumberSaysBehindOrAhead) {
    gate.report->generation = 6;
    STRCMP_EQUAL("behind: holds generation 6", text().c_str());
    gate.report->generation = 8;
    STRCMP_EQUAL("ahead", state().c_str());
    STRCMP_EQUAL("ahead: holds generation 8", text().c_str());
    gate.report->generation = 0;
    STRCMP_EQUAL("behind: enforces nothing yet", text().c_str());
    ours = {};
    STRCMP_EQUAL("behind: nothing is published yet", text().c_str());
}

TEST(GateStates, OurNumberWithAnotherContentDiffers) {
    gate.report->digest = Digest{8};
    STRCMP_EQUAL("differs", state().c_str());
    gate.acknowledgement = {"box/nftables", GateKind::nftables, 7, ours.digest, "", 5, {}};
    STRCMP_EQUAL("differs", state().c_str()); // read back from where it is enforced
}

TEST(GateStates, AReportThatCameAfterTheReceiptSaysWhatIsInForceNow) {
    gate.acknowledgement = {"box/nftables", GateKind::nftables, 7, ours.digest, "", 5, {}};
    gate.report->generation = 0; // somebody took its table
    gate.report->digest = {};
    STRCMP_EQUAL("current", state().c_str());
    gate.reported_last = true;
    STRCMP_EQUAL("behind: enforces nothing yet", text().c_str());
}

TEST(GateStates, StalledIsNotCurrent) {
    gate.report->warnings = {"stalled: an lcore has stopped"};
    STRCMP_EQUAL("stalled", state().c_str());
    STRCMP_EQUAL("stalled: an lcore has stopped", text().c_str());
}

TEST(GateStates, OfAClockThatWasSetBackNoAgeIsTold) {
    gate.remembered = true;
    gate.heard = {};
    gate.last_seen = now.wall + 5h;
    STRCMP_EQUAL("silent, not heard since the controller started", text().c_str());
    CHECK_TRUE(to_json(judged())["seen_s_ago"].is_null());
}

TEST(GateStates, AReceiptNewerThanTheReportCounts) {
    gate.report->generation = 6;
    gate.acknowledgement = {"box/nftables", GateKind::nftables, 7, ours.digest, "", 5, {}};
    STRCMP_EQUAL("current", state().c_str());
}

TEST(GateStates, ARefusalIsToldWithItsReason) {
    gate.report->generation = 6;
    gate.report->speaker.refusal = "envelope: not signed by a key we trust";
    STRCMP_EQUAL("refuses", state().c_str());
    STRCMP_EQUAL("refuses: envelope: not signed by a key we trust", text().c_str());
    gate.report->speaker.refusal.clear();
    gate.acknowledgement = {"box/nftables", GateKind::nftables, 7, ours.digest, "no memory", 5, {}};
    STRCMP_EQUAL("refuses: no memory", text().c_str());
    STRCMP_EQUAL("no memory", to_json(judged())["error"].get<std::string>().c_str());
}

TEST(GateStates, AnAheadOneIsAheadHoweverItPutsIt) {
    gate.report->generation = 8;
    gate.report->speaker.refusal = "generation 7 is older than the held 8";
    STRCMP_EQUAL("ahead", state().c_str());
}

TEST(GateStates, TheBoxCounts) {
    gate.clock_offset = 5h;
    STRCMP_EQUAL("clock +5 h", text().c_str());
    gate.clock_offset = -20 * std::chrono::hours(8766);
    STRCMP_EQUAL("clock -20 y", text().c_str());
    gate.clock_offset = -29s;
    STRCMP_EQUAL("current", text().c_str());
    gate.report->expired = true;
    STRCMP_EQUAL("expired", state().c_str());
    gate.report->speaker.saved = Saved::no;
    gate.report->warnings = {"lro is on", "bypass: br0 forwards past the gate"};
    STRCMP_EQUAL("bypassed: br0 forwards past the gate; expired: enforces on; unsaved",
                 text().c_str());
    CHECK_EQUAL(2U, to_json(judged())["warnings"].size());
    CHECK_FALSE(to_json(judged())["saved"].get<bool>());
}

TEST(GateStates, WhatIsNotSavedIsAnError) {
    gate.report->speaker.saved = Saved::no;
    STRCMP_EQUAL("not saved", judged().error().c_str());
    gate.report->warnings = {"lro is on", "not saved: write last-good: No space left on device"};
    STRCMP_EQUAL("not saved: write last-good: No space left on device", judged().error().c_str());
    gate.report->speaker.refusal = "no";
    STRCMP_EQUAL("no", judged().error().c_str());
}

TEST(GateStates, WhoKeepsNothingByDesignIsNotUnsaved) {
    gate.report->speaker.saved = Saved::keeps_nothing;
    STRCMP_EQUAL("current", state().c_str());
    gate.report->speaker.saved = Saved::untold; // of before 0.2
    STRCMP_EQUAL("current", state().c_str());
    CHECK_TRUE(to_json(judged())["saved"].is_null());
}

TEST(GateStates, TwoThatSpeakUnderOneNameAreBothDouble) {
    gate.doubled = true;
    auto other = gate;
    other.instance = "bbbb-1";
    auto rows = judge_gates({gate, other}, ours, GateBounds{}, now);
    STRCMP_EQUAL("double: 2 boxes have this name", rows[0].text().c_str());
    STRCMP_EQUAL("double", std::string(to_string(rows[1].state())).c_str());
    other.instance = "aaaa-2";
    rows = judge_gates({gate, other}, ours, GateBounds{}, now);
    STRCMP_CONTAINS("clones of one box", rows[0].text().c_str());
    other.heard = now.steady - 60s;
    rows = judge_gates({gate, other}, ours, GateBounds{}, now);
    STRCMP_EQUAL("current", rows[0].text().c_str());
    STRCMP_EQUAL("silent 60 s", rows[1].text().c_str());
}

TEST(GateStates, DurationsArePutInOneUnit) {
    STRCMP_EQUAL("119 s", spoken(118s + 1s).c_str());
    STRCMP_EQUAL("2 min", spoken(2min).c_str());
    STRCMP_EQUAL("59 min", spoken(58min + 59s).c_str());
    STRCMP_EQUAL("1 h", spoken(3599s).c_str());
    STRCMP_EQUAL("5 h", spoken(5h).c_str());
    STRCMP_EQUAL("3 d", spoken(72h).c_str());
}
