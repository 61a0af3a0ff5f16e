// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/gate_alarms.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(GateAlarms) {
    wire::Moment start{};
    GateAlarms alarms{{}, start};
    GateRow row;

    void setup() override {
        row.said.gate = "box/nftables";
        row.said.instance = "aaaa-1";
        row.said.last_seen = std::chrono::system_clock::time_point(1'800'000'000s);
        row.said.report.emplace();
    }
    void is(GateState state, const std::string& text) { row.faults = {{state, text}}; }
    std::vector<Alarm> at(std::chrono::milliseconds later) {
        return alarms.look({row}, start + later);
    }
};

TEST(GateAlarms, ASilentGateIsToldAtOnceWithTheTimeItWasHeard) {
    is(GateState::silent, "silent 8 s");
    const auto raised = at(1s);
    CHECK_EQUAL(1U, raised.size());
    STRCMP_EQUAL("box/nftables: silent since 2027-01-15 08:00:00 UTC", line_of(raised[0]).c_str());
    STRCMP_EQUAL("gate-silent", raised[0].kind.c_str());
    CHECK_TRUE(raised[0].severity == Severity::broken);
}

TEST(GateAlarms, WhatTheBoxSaysHasToBeMendedIsTold) {
    row.said.report->warnings = {"fault: verify key: is empty", "port lan0: switched off: rx-gro"};
    const auto raised = at(1s);
    CHECK_EQUAL(1U, raised.size());
    STRCMP_EQUAL("box/nftables: verify key: is empty", line_of(raised[0]).c_str());
    STRCMP_EQUAL("gate-fault", raised[0].kind.c_str());
    CHECK_TRUE(raised[0].severity == Severity::degraded);
    is(GateState::silent, "silent 8 s"); // what a dead box said is no news of it
    CHECK_EQUAL(1U, at(2s).size());
}

TEST(GateAlarms, AfterAStartOfOursGatesHaveTimeToComeBack) {
    row.said.remembered = true;
    is(GateState::silent, "silent 3 s");
    CHECK_TRUE(at(9s).empty());
    CHECK_EQUAL(1U, at(10s).size());
}

TEST(GateAlarms, AGateIsBehindForAWhileAfterEachPublication) {
    is(GateState::behind, "behind: holds generation 6");
    CHECK_TRUE(at(0s).empty());
    CHECK_TRUE(at(9s).empty());
    row.faults.clear();
    CHECK_TRUE(at(9500ms).empty());
    is(GateState::behind, "behind: holds generation 6");
    CHECK_TRUE(at(12s).empty()); // another time
    CHECK_EQUAL(1U, at(22s).size());
}

TEST(GateAlarms, GoAboveTheHighestGenerationThatAGateHolds) {
    is(GateState::ahead, "ahead: holds generation 9");
    row.generation = 9;
    CHECK_TRUE(at(0s).empty());
    CHECK_FALSE(alarms.ratchet().has_value());
    CHECK_EQUAL(1U, at(3s).size());
    LONGS_EQUAL(9, alarms.ratchet()->generation);
    STRCMP_EQUAL("box/nftables", alarms.ratchet()->gate.c_str());
    row.faults.clear();
    CHECK_TRUE(at(4s).empty());
    CHECK_FALSE(alarms.ratchet().has_value());
}

TEST(GateAlarms, DoNotFollowANumberWithoutAWayBack) {
    is(GateState::ahead, "ahead: holds generation 9223372036854775808");
    row.generation = Generation{1} << 63U;
    (void)at(0s);
    const auto raised = at(3s);
    CHECK_FALSE(alarms.ratchet().has_value());
    STRCMP_CONTAINS("9223372036854775808, which no controller reaches", raised[0].text.c_str());
    row.generation = kMostFollowed;
    (void)at(4s);
    CHECK_TRUE(alarms.ratchet().has_value());
}

TEST(GateAlarms, ARepairStandsForTenMinutes) {
    row.said.report->counters = {{"repaired", 2}};
    CHECK_TRUE(at(0s).empty()); // before we looked
    row.said.report->counters = {{"repaired", 3}};
    STRCMP_EQUAL("somebody changed its rules; put back 1 time", at(1s).at(0).text.c_str());
    row.said.report->counters = {{"repaired", 5}};
    STRCMP_EQUAL("somebody changed its rules; put back 3 times", at(2s).at(0).text.c_str());
    CHECK_EQUAL(1U, at(10min).size());
    CHECK_TRUE(at(11min).empty());
}

TEST(GateAlarms, NameEachFault) {
    row.faults = {{GateState::bypassed, "bypassed: br0"}, {GateState::unsaved, "unsaved"}};
    const auto raised = at(0s);
    CHECK_EQUAL(2U, raised.size());
    STRCMP_EQUAL("gate-bypassed", raised[0].kind.c_str());
    CHECK_TRUE(raised[0].severity == Severity::broken);
    CHECK_TRUE(raised[1].severity == Severity::degraded);
}
