// SPDX-License-Identifier: Apache-2.0
// Every table on narrow screens: no row is wider, in ASCII there is nothing else, and no figure is
// cut.
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_alarms.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <functional>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::shown_on;
using sweepgate::test::widest;

namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'795'341'600)};
constexpr std::size_t kLines = 20;

constexpr const char* kTop = R"json({"by": "all", "minutes": 0, "packets": 123456789, "answered": 2,
    "expected": 3, "floor": 7, "left_out": 3, "ties": 1, "talkers": [
    {"client": "2001:db8:1234:5678:9abc:def0:1234:5678", "system": "a-system-of-thirty-two-characters",
     "protocol": 132, "port": 65535, "packets": 12345678, "error": 1234, "share": 0.5}],
    "gates": [{"gate": "branch7/nftables", "kind": "nftables", "answered": true, "packets": 5,
               "error": "counts by system only"},
              {"gate": "branch7/dpdk", "kind": "dpdk", "answered": false,
               "error": "did not answer (last heard 22 s ago)"
}]
})json";
constexpr const char* kEvents = R"({"events": [{"time": "2026-11-22T10:00:00.123Z",
    "gate": "branch7-appliance/dpdk", "client": "2001:db8:1234:5678:9abc:def0:1234:5678",
    "system": "a-system-of-thirty-two-characters", "protocol": 17, "port": 53, "class": "evasion"}],
    "alarms": [{"kind": "resolver-silent", "severity": "degraded", "system": "", "gate": "branch7-appliance/dpdk",
    "since": "2026-11-20T10:00:00Z", "until": "2026-11-20T11:00:00Z",
    "text": "192.0.2.53 has answered nothing since 2026-11-20T10:00:00Z"}]})";
constexpr const char* kHistory = R"({"names": [{"hostname": "a-rather-long-name.chat.example.net",
    "system": "a-system-of-thirty-two-characters", "type": "AAAA", "last_outcome": "server failure",
    "last_asked": "2026-11-22T09:00:00Z", "last_changed": "2026-11-21T09:00:00Z", "failures": 12,
    "last_answered": "2026-11-21T09:00:00Z", "evicted": 1,
    "completeness": {"text": "≈97 % seen", "seen": 194, "estimated": 199.2}}],
    "sightings": [{"address": "2001:db8:1234:5678:9abc:def0:1234:5678",
    "hostname": "a-rather-long-name.chat.example.net", "system": "a-system-of-thirty-two-characters",
    "first_seen": "2026-11-20T10:00:00Z", "last_seen": "2026-11-22T10:00:00Z", "count": 1234567,
    "ttl": 86400, "absences": 4, "in_force": false}]})";
constexpr const char* kPlan = R"json({"prefixes": 864, "allow": [], "systems": [
    {"id": "a-system-of-thirty-two-characters", "actions": {"everyone": "drop", "guests": "reject"},
     "ipv4": 12345, "ipv6": 12345, "shared": 123, "held": "would gain 51 of 50 addresses"}],
    "changes": {"systems": [{"system": "a-system-of-thirty-two-characters",
        "added": [{"prefix": "2001:db8:1234:5678:9abc:def0:1234:5678/128",
                   "names": ["a-rather-long-name.chat.example.net", "b.example"]}],
        "now_shared": [{"prefix": "203.0.113.7/32", "names": []}]}]},
    "schedules": [{"name": "lunch-of-the-guests", "hours": "mon-fri 12:00-13:00 local",
                   "systems": {"a-system-of-thirty-two-characters": {"everyone": "pass", "guests": "drop"}}}],
    "refused": [{"prefix": "2001:db8:1234:5678:9abc:def0:1234:5678/128", "system": "a-system-of-thirty-two-characters",
                 "hostname": "a-rather-long-name.chat.example.net",
                 "reason": "not a public address: documentation (2001:db8::/32)"
}]
})json";
constexpr const char* kAudit =
    R"({"audit": [{"time": "2026-11-22T10:00:00Z", "who": "alice.of.the.branch",
    "verb": "rollback", "detail": "policy 17 (held-over-the-weekend.toml), back to 12; +12 -3",
    "result": "ok: generation 123456"}]})";
constexpr const char* kGenerations = R"({"generations": [{"generation": 123456,
    "time": "2026-11-22T10:00:00Z", "cause": "push of held-over-the-weekend.toml by alice",
    "digest": "5f2c1ab90d31aa"}]})";
constexpr const char* kWhy =
    R"({"address": "203.0.113.7", "summary": "203.0.113.7 is listed by 203.0.113.7/32 (generation 27), exclusive: on every port",
    "judgements": [{"prefix": "203.0.113.7/32", "system": "irc", "disposition": "exclusive",
                    "reason": "a listed prefix of irc", "source": "asn-list", "origin": "lists/as64500-and-more.txt: line 7"}],
    "gates": [{"gate": "branch7-appliance/nftables", "kind": "nftables", "generation": 123456, "action": "drop",
               "listed": true, "systems": ["irc", "a-system-of-thirty-two-characters"], "scope": "exclusive"}]})";
constexpr const char* kParts =
    R"({"prefix": "2001:db8::/32", "summary": "1 part in 2001:db8::/32 is listed",
    "listed": [{"prefix": "2001:db8:1234:5678:9abc:def0:1234:5678/128", "scope": "exclusive",
                "systems": ["irc", "a-system-of-thirty-two-characters"]}]})";
constexpr const char* kStatus =
    R"({"generation": 123456, "gates": [{"gate": "branch7-appliance/nftables",
    "kind": "nftables", "generation": 123456, "seen_s_ago": 400.0, "schedules": ["lunch-of-the-guests"],
    "state_text": "refuses: generation 4 is older than the held 8", "systems": [{"dropped": 1234567890}]}],
    "systems": [{"id": "a-system-of-thirty-two-characters", "action": "monitor", "ipv4": 12345, "ipv6": 12345,
    "shared": 5, "stops": "all ports, 5 own ports", "coverage": 0.9, "dropped": 1234567, "monitored": 5,
    "within": 7, "held": "would gain 51 of 50 addresses", "port_classes": {"own": 7, "evasion": 8, "other": 9}}]})";

using Page = std::function<std::string(const Screen&)>;

const std::vector<std::pair<const char*, Page>>& pages() {
    static const std::vector<std::pair<const char*, Page>> kPages = {
        {"top", [](const auto& screen) { return shown_on(screen, render_top, kTop); }},
        {"events",
         [](const auto& screen) { return shown_on(screen, render_events, kEvents, kNow); }},
        {"history",
         [](const auto& screen) { return shown_on(screen, render_history, kHistory, kNow); }},
        {"plan", [](const auto& screen) { return shown_on(screen, render_plan, kPlan, kLines); }},
        {"audit", [](const auto& screen) { return shown_on(screen, render_audit, kAudit); }},
        {"generations",
         [](const auto& screen) { return shown_on(screen, render_generations, kGenerations); }},
        {"why", [](const auto& screen) { return shown_on(screen, render_why, kWhy); }},
        {"why of a prefix",
         [](const auto& screen) { return shown_on(screen, render_why, kParts); }},
        {"status",
         [](const auto& screen) { return shown_on(screen, render_status, kStatus, kNow, true); }},
        {"alarms", [](const auto& screen) {
             return shown_on(screen, render_standing_alarms, kEvents, kNow);
         }}};
    return kPages;
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

} // namespace

TEST_GROUP(Fits){};

TEST(Fits, EveryTableOnEveryScreen) {
    for (const auto& [name, page] : pages())
        for (const std::size_t columns : {60U, 80U, 132U})
            for (const bool ascii : {false, true}) {
                const auto text = page({columns, ascii});
                CHECK_FALSE_TEXT(text.empty(), name);
                CHECK_TRUE_TEXT(widest(text) <= columns, (name + ("\n" + text)).c_str());
                if (ascii) CHECK_TRUE_TEXT(is_ascii(text), name);
            }
}

TEST(Fits, WholeFiguresStay) {
    CHECK_TRUE(pages()[0].second({60}).find("12,345,678") != std::string::npos);
    CHECK_TRUE(pages()[8].second({60}).find("12345+12345") != std::string::npos);
}
