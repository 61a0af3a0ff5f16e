// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"

#include <sstream>

#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using nlohmann::json;
using sweepgate::test::rendered;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_GROUP(Render){};

TEST(Render, StatusShowsEachGateWithItsState) {
    const auto text = rendered(render_status, R"({"generation": 4, "policy": 2, "gates": [
        {"gate": "box/dpdk", "kind": "dpdk", "generation": 4, "current": true, "seen_s_ago": 1.2},
        {"gate": "box/nft", "kind": "nftables", "generation": 3, "error": "batch too big"}]})",
                               false);
    CHECK_TRUE(holds(text, "generation 4"));
    CHECK_TRUE(holds(text, "box/dpdk  dpdk               4  1 s ago  current"));
    CHECK_TRUE(holds(text, "refused: batch too big"));
}

TEST(Render, StatusSaysThatNothingIsPublishedYet) {
    const auto text = rendered(render_status, R"({"generation": 0, "policy": 3, "gates": [],
        "round": {"number": 0, "questions": 0, "seconds": 0.0, "error": ""}})",
                               false);
    CHECK_TRUE(holds(text, "nothing is published yet: policy 3 waits for the first round"));
    CHECK_FALSE(holds(text, "issued"));
    CHECK_FALSE(holds(text, "round 0"));
}

TEST(Render, StatusHidesSystemsWithoutAddressesUnlessAskedForAll) {
    const auto* status = R"({"systems": [{"id": "odigo", "ipv4": 0, "ipv6": 0},
                                          {"id": "irc", "ipv4": 3, "ipv6": 1}]})";
    CHECK_FALSE(holds(rendered(render_status, status, false), "odigo"));
    CHECK_TRUE(holds(rendered(render_status, status, true), "odigo"));
    CHECK_TRUE(holds(rendered(render_status, status, false), "irc"));
}

TEST(Render, StatusShowsHitsByClassOfPort) {
    const auto text = rendered(render_status, R"({"systems": [{"id": "irc", "ipv4": 3, "ipv6": 0,
        "dropped": 9, "port_classes": {"own": 4, "evasion": 31, "other": 2, "none": 0}}]})",
                               false);
    CHECK_TRUE(holds(text, "OWN PORT  EVASION  OTHER"));
    CHECK_TRUE(holds(text, "31"));
}

TEST(Render, StatusTellsHowTheSweepIsDoing) {
    const auto text = rendered(render_status, R"({"sweep": {"questions": 900, "failing": 3,
        "beyond_budget": 0}, "round": {"silent_since": "2026-11-22T10:00:00Z"},
        "systems": [{"id": "irc", "ipv4": 3, "ipv6": 0, "coverage": 0.979}]})",
                               false);
    CHECK_TRUE(holds(text, "sweep: 900 questions asked again and again, 3 of them failing"));
    CHECK_TRUE(holds(text, "no resolver has answered since 2026-11-22T10:00:00Z"));
    CHECK_TRUE(holds(text, "≈97 %"));
}

TEST(Render, StatusTellsWhereTheBudgetIsShort) {
    const auto sweep = [](const char* numbers) {
        return rendered(render_status,
                        (std::string(R"({"sweep": {"questions": 1900, "failing": 0,
            "beyond_budget": 0, "budget_per_second": 1000.0, )") +
                         numbers + "}}")
                            .c_str(),
                        false);
    };
    CHECK_TRUE(holds(sweep(R"("wanted_per_second": 1729.6, "stretch": 1.82)"),
                     "1730 questions/s are due and the budget is 1000/s: names that do not change "
                     "are asked 1.8 times as seldom as their TTLs allow\n"));
    CHECK_FALSE(holds(sweep(R"("wanted_per_second": 17.6, "stretch": 1.0)"), "budget is"));
}

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

TEST(Render, EventsShowTheClassOfThePort) {
    const auto text = rendered(render_events, R"({"suppressed": 7, "events": [
        {"time": "2026-11-22T10:00:00.123Z", "gate": "box/dpdk", "client": "192.0.2.0/24",
         "system": "irc", "protocol": 17, "port": 53, "class": "evasion"}]})");
    CHECK_TRUE(holds(text, "box/dpdk  192.0.2.0/24  irc     53/udp  evasion"));
    CHECK_TRUE(holds(text, "7 more were held back"));
    CHECK_TRUE(holds(rendered(render_events, R"({"events": []})"), "nobody was seen"));
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
            CHECK_FALSE(rendered(render_status, odd, true).empty());
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
