// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"

#include <sstream>

#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using nlohmann::json;
using sweepgate::test::rendered;

namespace {

constexpr std::chrono::sys_seconds kNow{
    std::chrono::seconds(1'795'341'600)}; // 2026-11-22T10:00:00Z

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_GROUP(Render){};

TEST(Render, TopShowsWhatWasToldApartWithItsError) {
    const auto text = rendered(render_top, R"({"by": "all", "minutes": 5, "packets": 40, "floor": 3,
        "talkers": [{"client": "192.0.2.1", "system": "irc", "protocol": 6, "port": 6667,
                     "packets": 30, "error": 2, "share": 0.75},
                    {"client": null, "system": "aim", "protocol": 1, "port": null,
                     "packets": 10, "error": 0, "share": 0.25}],
        "gates": [{"gate": "box/nft", "kind": "nftables", "error": "counts by system only"}]})");
    CHECK_TRUE(holds(text, "40 packets hit in the last 5 minutes"));
    CHECK_TRUE(holds(text, "192.0.2.1   irc     6667/tcp       30     ±2  75.0 %"));
    CHECK_TRUE(holds(text, "(not kept)  aim     1              10     ±0  25.0 %"));
    CHECK_TRUE(holds(text, "whoever is not named: at most 3 packets each"));
    CHECK_TRUE(holds(text, "box/nft (nftables) names nobody: counts by system only"));
}

TEST(Render, TopNamesTheGatesThatDidNotSpeak) {
    const auto text = rendered(render_top, R"json({"by": "client", "minutes": 0, "packets": 0,
        "answered": 1, "expected": 2, "talkers": [], "gates": [
        {"gate": "lab/nftables", "kind": "nftables", "answered": true, "packets": 0, "error": ""},
        {"gate": "lab/dpdk", "kind": "dpdk", "answered": false,
         "error": "did not answer (last heard 22 s ago)"}]
})json");
    STRCMP_EQUAL(
        "0 packets hit since the gates started, by 1 of 2 gates: 1 did not answer\n"
        "lab/dpdk did not answer (last heard 22 s ago): its packets are in no figure here\n",
        text.c_str());
    STRCMP_EQUAL("no gate has reported yet\n",
                 rendered(render_top, R"({"by": "client", "expected": 0, "answered": 0})").c_str());
}

TEST(Render, TopOfOneMinuteOneClassAndEqualRows) {
    const auto text = rendered(render_top, R"({"by": "system", "minutes": 1, "packets": 1234,
        "answered": 1, "expected": 1, "class": "evasion", "left_out": 12, "ties": 3, "hidden": 5,
        "talkers": [{"system": "irc", "packets": 1000, "error": 0, "share": 0.81}], "gates": []})");
    STRCMP_EQUAL(
        "1,234 packets hit on ports of class evasion in the last minute\n"
        "SYSTEM  PACKETS  ERROR   SHARE\n"
        "irc       1,000     ±0  81.0 %\n"
        "… 12 more (-n), 3 of them with as many packets as the last one here\n"
        "5 packets are in rows too small to be named, of whatever class: any figure may be "
        "short of them\n",
        text.c_str());
}

TEST(Render, TopByGate) {
    const auto text = rendered(render_top, R"({"by": "gate", "minutes": 0, "packets": 68,
        "answered": 2, "expected": 2, "talkers": [], "gates": [
        {"gate": "lab/dpdk", "kind": "dpdk", "answered": true, "packets": 60, "share": 0.88, "error": ""},
        {"gate": "lab/nftables", "kind": "nftables", "answered": true, "packets": 8, "share": 0.12,
         "error": ""}]})");
    STRCMP_CONTAINS("GATE          KIND      PACKETS   SHARE\n"
                    "lab/dpdk      dpdk           60  88.0 %\n",
                    text.c_str());
}

TEST(Render, EventsShowTheClassOfThePort) {
    const auto text = rendered(render_events, R"({"suppressed": 7, "events": [
        {"time": "2026-11-22T10:00:00.123Z", "gate": "box/dpdk", "client": "192.0.2.0/24",
         "system": "irc", "protocol": 17, "port": 53, "class": "evasion"}]})",
                               kNow);
    CHECK_TRUE(holds(text, "box/dpdk  192.0.2.0/24  irc     53/udp  evasion"));
    CHECK_TRUE(holds(text, "7 more were held back"));
    CHECK_TRUE(holds(rendered(render_events, R"({"events": []})", kNow), "no event"));
}

TEST(Render, PlanBoundsItsListsAndSaysSo) {
    const auto text =
        rendered(render_plan, R"({"added": ["irc 1", "irc 2", "irc 3"]})", std::size_t{2});
    CHECK_TRUE(holds(text, "3 added, 0 removed"));
    CHECK_TRUE(holds(text, "+ irc 2"));
    CHECK_FALSE(holds(text, "+ irc 3"));
    CHECK_TRUE(holds(text, "1 more"));
}

TEST(Render, PlanSaysWhichGatesLookIntoTunnels) {
    const auto* claim = "by DPDK gates only";
    CHECK_TRUE(holds(rendered(render_plan, R"({"inspect_tunnels": true})", std::size_t{2}), claim));
    CHECK_FALSE(
        holds(rendered(render_plan, R"({"inspect_tunnels": false})", std::size_t{2}), claim));
    CHECK_FALSE(holds(rendered(render_plan, R"({"inspect_tunnels": 1})", std::size_t{2}), claim));
}

TEST(Render, SurvivesAnswersOfAnotherShape) {
    for (const auto* odd : {"{}", "[]", "{\"systems\": 7, \"gates\": {}, \"round\": {}}"}) {
        if (json::parse(odd).is_object()) {
            CHECK_FALSE(rendered(render_status, odd, kNow, true).empty());
            CHECK_FALSE(rendered(render_why, odd).empty());
        }
    }
}

TEST(Render, ShowsSchedulesWhereAPlanHasThem) {
    const auto plan = json::parse(R"({"systems": [], "allow": [], "prefixes": 0,
        "schedules": [{"name": "lunch", "hours": "mon-fri 12:00-13:00 local",
                       "systems": {"aim": {"everyone": "pass"}, "irc": {"guests": "drop"}}}],
        "at": {"time": "mon 12:30", "schedules": ["lunch"], "next_change": "mon 13:00"}})");
    std::ostringstream out;
    render_plan(out, plan, 1);
    STRCMP_CONTAINS("actions as on mon 12:30, when lunch is in force; next change mon 13:00",
                    out.str().c_str());
    STRCMP_CONTAINS("lunch     mon-fri 12:00-13:00 local  aim     everyone pass",
                    out.str().c_str());
    STRCMP_CONTAINS("and 1 more", out.str().c_str());
}
