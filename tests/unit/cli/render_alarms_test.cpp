// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_alarms.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using nlohmann::json;

TEST_GROUP(RenderAlarms) { std::ostringstream out; };

TEST(RenderAlarms, AreNothingWhereThereIsNone) {
    render_alarms(out, json::parse(R"({"alarms": [], "refused": {}})"));
    render_holds(out, json::parse("{}"), 10);
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(RenderAlarms, AreTableAndCounts) {
    render_alarms(out, json::parse(R"({"refused": {"flood": 900, "quorum": 2}, "alarms": [
        {"kind": "flood", "system": "irc", "since": "2026-11-22T10:00:00Z", "text": "bad\u0007"}]})"));
    STRCMP_CONTAINS("flood  irc     2026-11-22T10:00:00Z", out.str().c_str());
    STRCMP_CONTAINS("not enforced, by reason: flood 900 quorum 2\n", out.str().c_str());
    CHECK_TRUE(out.str().find('\a') == std::string::npos);
}

TEST(RenderAlarms, HoldsAreToldByName) {
    render_holds(out, json::parse(R"({"holds": [{"system": "irc", "reason": "would gain 2",
        "refused_by": "alice", "added": [{"prefix": "45.0.0.1/32", "names": ["a.example", "b.example"]},
        {"prefix": "45.0.0.2/32", "names": []}], "removed": [{"prefix": "45.0.0.3/32"}]}]})"),
                 1);
    STRCMP_EQUAL("\nirc is held: would gain 2; refused by alice\n"
                 "  + 45.0.0.1/32  a.example, b.example\n  ... and 1 more\n"
                 "  - 45.0.0.3/32  \n",
                 out.str().c_str());
}
