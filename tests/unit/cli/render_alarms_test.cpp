// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_alarms.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using nlohmann::json;

namespace {

constexpr Instant kNoon{std::chrono::seconds(1'795'348'800)}; // 2026-11-22T12:00:00Z

} // namespace

TEST_GROUP(RenderAlarms) { std::ostringstream out; };

TEST(RenderAlarms, AreNothingWhereThereIsNone) {
    const auto answer = json::parse(R"({"alarms": [], "refused": {}})");
    render_standing_alarms(out, answer, kNoon);
    render_raised_alarms(out, answer, kNoon);
    render_refused(out, answer);
    render_holds(out, json::parse("{}"), 10);
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(RenderAlarms, StandWithWhatTheyAreAbout) {
    render_standing_alarms(out, json::parse(R"({"alarms": [
        {"kind": "flood", "severity": "degraded", "system": "irc", "since": "2026-11-22T10:00:00Z",
         "text": "bad\u0007"},
        {"kind": "silent", "severity": "broken", "system": "", "gate": "lab/dpdk",
         "since": "2026-11-21T09:00:00Z", "text": "silent for a day", "until": null}]})"),
                           kNoon);
    STRCMP_EQUAL("SEVERITY  ALARM   ABOUT     SINCE\n"
                 "degraded  flood   irc       10:00:00Z     bad?\n"
                 "broken    silent  lab/dpdk  11-21T09:00Z  silent for a day\n\n",
                 out.str().c_str());
}

TEST(RenderAlarms, AreNotToldTwice) {
    render_standing_alarms(out, json::parse(R"({"health": {"verdict": "degraded",
        "faults": ["lab/dpdk: silent 23 s"]},
        "alarms": [{"kind": "silent", "text": "silent 23 s", "since": "2026-11-22T10:00:00Z"}]})"),
                           kNoon);
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(RenderAlarms, OfThePastTellWhenTheyEnded) {
    render_raised_alarms(out, json::parse(R"({"alarms": [{"kind": "flood", "system": "irc",
        "since": "2026-11-22T10:00:00Z", "until": "2026-11-22T10:05:09Z", "text": "bad"}]})"),
                         kNoon);
    STRCMP_EQUAL("\nSINCE      UNTIL      ALARM  ABOUT\n"
                 "10:00:00Z  10:05:09Z  flood  irc    bad\n",
                 out.str().c_str());
}

TEST(RenderAlarms, CountWhatIsNotEnforced) {
    render_refused(out, json::parse(R"({"refused": {"flood": 900, "quorum": 2}})"));
    STRCMP_EQUAL("not enforced, addresses by reason: flood 900, quorum 2\n", out.str().c_str());
}

TEST(RenderAlarms, HoldsAreToldByName) {
    render_holds(out, json::parse(R"({"holds": [{"system": "irc", "reason": "would gain 2",
        "refused_by": "alice", "added": [{"prefix": "45.0.0.1/32", "names": ["a.example", "b.example"]},
        {"prefix": "45.0.0.2/32", "names": []}], "removed": [{"prefix": "45.0.0.3/32"}]}]})"),
                 1);
    STRCMP_EQUAL("\nirc is held: would gain 2; refused by alice\n"
                 "  + 45.0.0.1/32  a.example, b.example\n  … and 1 more (--all)\n"
                 "  - 45.0.0.3/32  \n",
                 out.str().c_str());
}
