// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;
using sweepgate::test::shown_on;
using sweepgate::test::widest;

namespace {

constexpr std::chrono::sys_seconds kNow{
    std::chrono::seconds(1'795'341'600)}; // 2026-11-22T10:00:00Z

std::string told(const char* status, bool all = false) {
    return rendered(render_status, status, kNow, all);
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A site with something of everything, and eleven systems.
constexpr const char* kSite = R"({"generation": 28, "digest": "5f2c1ab90d31aa", "policy": 16,
    "policy_file": "held.toml", "policy_author": "alice", "prefixes": 864, "allowed_prefixes": 12,
    "issued_at": "2026-11-22T09:31:13Z", "expires_at": "2026-11-29T09:31:13Z", "version": "0.2.0",
    "health": {"verdict": "degraded", "faults": ["lab/dpdk: silent 23 s",
        "tox held since 19:31: would gain 51 addresses"]},
    "alarms": [{"kind": "silent", "severity": "degraded", "system": "", "gate": "lab/dpdk",
                "text": "silent 23 s", "since": "2026-11-22T09:59:37Z", "until": null},
               {"kind": "foreign-chain", "severity": "info", "system": "icq", "gate": "",
                "text": "203.0.113.9 of icq.example is not enforced: the chain of icq.example leaves the zones of AOL at cdn.example",
                "since": "2026-11-21T09:00:00Z", "until": null}],
    "round": {"number": 7, "questions": 2495, "seconds": 1.25, "outcomes": {"answered": 2400, "no data": 95}},
    "sweep": {"questions": 2495, "failing": 0, "beyond_budget": 0, "stretch": 1.8,
              "wanted_per_second": 1729.6, "budget_per_second": 1000.0},
    "gates": [{"gate": "lab/nftables", "kind": "nftables", "generation": 28, "seen_s_ago": 1.2,
               "state": "current", "state_text": "current", "current": true, "version": "0.2.0",
               "systems": [{"system": "irc", "dropped": 416, "rejected": 0}], "schedules": ["lunch"]},
              {"gate": "lab/dpdk", "kind": "dpdk", "generation": 27, "seen_s_ago": 23.0,
               "state": "silent", "state_text": "silent 23 s", "current": false, "version": "0.1.0",
               "systems": [{"system": "irc", "dropped": 2500, "rejected": 1}], "schedules": []}],
    "systems": [
        {"id": "aim", "action": "drop", "ipv4": 2, "ipv6": 0, "stops": "all ports", "held": "", "dropped": 1},
        {"id": "discord", "action": "drop", "ipv4": 5, "ipv6": 0, "shared": 5, "stops": "nothing", "held": ""},
        {"id": "icq", "action": "drop", "ipv4": 7, "ipv6": 1, "stops": "all ports", "held": ""},
        {"id": "irc", "action": "drop", "ipv4": 18, "ipv6": 18, "shared": 3, "stops": "all ports, 3 own ports",
         "coverage": 0.979, "held": "", "dropped": 2916, "monitored": 0,
         "port_classes": {"own": 2360, "evasion": 556, "other": 0}},
        {"id": "mumble", "action": "monitor", "ipv4": 2, "ipv6": 2, "stops": "", "held": "", "monitored": 12},
        {"id": "odigo", "action": "drop", "ipv4": 0, "ipv6": 0, "stops": "nothing", "held": ""},
        {"id": "s1", "ipv4": 1, "ipv6": 0}, {"id": "s2", "ipv4": 1, "ipv6": 0},
        {"id": "s3", "ipv4": 1, "ipv6": 0}, {"id": "s4", "ipv4": 1, "ipv6": 0},
        {"id": "telegram", "action": "reject", "ipv4": 14, "ipv6": 10, "stops": "all ports", "held": "", "rejected": 2},
        {"id": "tox", "action": "drop", "ipv4": 39, "ipv6": 11, "stops": "all ports",
         "held": "would gain 51 of 50 addresses", "dropped": 4}],
    "refused": {"foreign-chain": 1}})";

} // namespace

TEST_GROUP(Status){};

TEST(Status, At80Columns) {
    STRCMP_EQUAL(
        R"(degraded: 2 faults
  lab/dpdk: silent 23 s
  tox held since 19:31: would gain 51 addresses
SEVERITY  ALARM          ABOUT  SINCE
info      foreign-chain  icq    11-21T09:00Z  203.0.113.9 of icq.example is not
                                              enforced: the chain of icq.example
                                              leaves the zones of AOL at
                                              cdn.example

generation 28 (5f2c1ab90d31) of 2026-11-22T09:31:13Z, policy 16 (held.toml,
  alice), 864 prefixes, 12 allowed first, expires in 6 d 23 h
round 7: 2495 questions in 1.25 s: 2400 answered, 95 no data
sweep: 2495 questions asked again and again, 0 of them failing, 0 beyond the
  budget
1730 questions/s are due and the budget is 1000/s: names that do not change are
  asked 1.8 times as seldom as their TTLs allow

GATE          KIND      GENERATION     HEARD  STATE        STOPPED  SCHEDULES
lab/nftables  nftables          28   1 s ago  current          416  lunch
lab/dpdk      dpdk              27  23 s ago  silent 23 s    2,501
versions differ: controller 0.2.0, lab/dpdk 0.1.0

prefixes in force, and packets hit since the gates started
SYSTEM  ACTION   PREFIXES 4+6  STOPPED  MONITORED  EVASION  NOTE
tox     drop            39+11        4          0           held: would gain 51
                                                            of 50 addresses
irc     drop            18+18    2,916          0      556
mumble  monitor           2+2        0         12
… 8 systems with fewer than 5 packets, 1 without addresses (--all)
of these can stop nothing, for want of a port of their own on shared addresses:
  discord
not enforced, addresses by reason: foreign-chain 1
)",
        shown_on({80}, render_status, kSite, kNow, false).c_str());
}

TEST(Status, At132Columns) {
    const auto text = shown_on({132}, render_status, kSite, kNow, false);
    STRCMP_CONTAINS(
        R"(SYSTEM  ACTION   PREFIXES 4+6  SHARED   SEEN  STOPS                   STOPPED  MONITORED  OWN PORT  EVASION  OTHER  NOTE
tox     drop            39+11                 all ports                     4          0                            held: would gain
                                                                                                                    51 of 50
                                                                                                                    addresses
irc     drop            18+18       3  ≈97 %  all ports, 3 own ports    2,916          0     2,360      556      0
)",
        text.c_str());
    CHECK_TRUE(widest(text) <= 132);
}

TEST(Status, At60ColumnsAndInAscii) {
    const auto text = shown_on({60, true}, render_status, kSite, kNow, false);
    CHECK_TRUE(widest(text) <= 60);
    STRCMP_CONTAINS(R"(GATE          GENERATION     HEARD  STATE        SCHEDULES
lab/nftables          28   1 s ago  current      lunch
lab/dpdk              27  23 s ago  silent 23 s
)",
                    text.c_str());
    STRCMP_CONTAINS(R"(SYSTEM  ACTION   PREFIXES 4+6  STOPPED  NOTE
tox     drop            39+11        4  held: would gain 51
                                        of 50 addresses
irc     drop            18+18    2,916
)",
                    text.c_str());
    STRCMP_CONTAINS("... 8 systems with fewer than 5 packets", text.c_str());
    for (const char c : text) CHECK_TRUE(static_cast<unsigned char>(c) < 0x80);
}

TEST(Status, ShowsEachSystemWhenAskedForAll) {
    for (const auto* id : {"odigo", "s4", "discord"})
        CHECK_TRUE(holds(told(kSite, true), std::string("\n") + id));
    CHECK_FALSE(holds(told(kSite), "\ns4"));
    CHECK_FALSE(holds(told(kSite, true), "(--all)"));
}

TEST(Status, IsOkInOneWord) {
    const auto text = told(R"({"health": {"verdict": "ok", "faults": []}, "generation": 4})");
    STRNCMP_EQUAL("ok\ngeneration 4", text.c_str(), 15);
}

TEST(Status, TellsTheOnlyFaultInItsFirstLine) {
    const auto text =
        told(R"({"health": {"verdict": "broken", "faults": ["no gate has reported"]}})");
    STRNCMP_EQUAL("broken: no gate has reported\n", text.c_str(), 29);
}

TEST(Status, OfAnOlderControllerHasItsStates) {
    const auto text = told(R"({"generation": 4, "policy": 2, "gates": [
        {"gate": "box/dpdk", "kind": "dpdk", "generation": 4, "current": true, "seen_s_ago": 1.2},
        {"gate": "box/old", "kind": "dpdk", "generation": 4, "current": true, "expired": true},
        {"gate": "box/nft", "kind": "nftables", "generation": 3, "error": "batch too big"}]})");
    CHECK_TRUE(holds(text, "box/dpdk  dpdk               4  1 s ago  current"));
    CHECK_TRUE(holds(text, "   never  enforced, but expired"));
    CHECK_TRUE(holds(text, "refused: batch too big"));
}

TEST(Status, SaysThatNothingIsPublishedYet) {
    const auto text = told(R"({"generation": 0, "policy": 3, "gates": [],
        "round": {"number": 0, "questions": 0, "seconds": 0.0, "error": ""}})");
    CHECK_TRUE(holds(text, "nothing is published yet: policy 3 waits for the first round"));
    CHECK_FALSE(holds(text, "expires"));
    CHECK_FALSE(holds(text, "round 0"));
}

TEST(Status, SaysWhenTheSnapshotHasExpired) {
    CHECK_TRUE(holds(told(R"({"generation": 4, "expires_at": "2026-11-22T08:00:00Z"})"),
                     "expired 2 h ago"));
}

TEST(Status, ShowsFewSystemsWholeButForThoseWithoutAddresses) {
    const auto text = told(R"({"systems": [{"id": "odigo", "ipv4": 0, "ipv6": 0},
                                           {"id": "irc", "ipv4": 3, "ipv6": 1}]})");
    CHECK_FALSE(holds(text, "odigo"));
    CHECK_TRUE(holds(text, "irc"));
    CHECK_TRUE(holds(text, "… 1 system without addresses (--all)"));
}

TEST(Status, TellsHowTheSweepIsDoing) {
    const auto text = told(R"({"sweep": {"questions": 900, "failing": 3,
        "beyond_budget": 0}, "round": {"silent_since": "2026-11-22T10:00:00Z"},
        "systems": [{"id": "irc", "ipv4": 3, "ipv6": 0, "coverage": 0.979}]})");
    CHECK_TRUE(holds(text, "sweep: 900 questions asked again and again, 3 of them failing"));
    CHECK_TRUE(holds(text, "no resolver has answered since 2026-11-22T10:00:00Z"));
    CHECK_TRUE(holds(text, "≈97 %"));
}

TEST(Status, TellsWhereTheBudgetIsShort) {
    const auto sweep = [](const char* numbers) {
        return told((std::string(R"({"sweep": {"questions": 1900, "failing": 0,
            "beyond_budget": 0, "budget_per_second": 1000.0, )") +
                     numbers + "}}")
                        .c_str());
    };
    CHECK_TRUE(holds(sweep(R"("wanted_per_second": 1729.6, "stretch": 1.82)"),
                     "1730 questions/s are due and the budget is 1000/s: names that do not change "
                     "are asked 1.8 times as seldom as their TTLs allow\n"));
    CHECK_FALSE(holds(sweep(R"("wanted_per_second": 17.6, "stretch": 1.0)"), "budget is"));
}

TEST(Status, PassesOnWhatAGateWarnsOf) {
    CHECK_TRUE(holds(told(R"({"gates": [{"gate": "lab/nft", "warnings": ["bypass: br0\u001b"]}]})"),
                     "lab/nft: bypass: br0?\n"));
}
