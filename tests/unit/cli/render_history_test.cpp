// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/timeline.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;

TEST_GROUP(History){
    /// At 2026-11-22T10:00:00Z.
    static std::string drawn(const char* history){
        return rendered(render_history, history, Instant(std::chrono::seconds(1'795'341'600)));
}
}
;

TEST(History, DrawsALineOfTimeForEachAddress) {
    const auto text = drawn(R"({"sightings": [
        {"address": "203.0.113.9", "hostname": "irc.example", "system": "irc", "in_force": true,
         "first_seen": "2026-11-22T05:00:00Z", "last_seen": "2026-11-22T07:00:00Z", "count": 12,
         "ttl": 60, "absences": 2},
        {"address": "203.0.113.7", "hostname": "irc.example", "system": "irc", "in_force": true,
         "first_seen": "2026-11-22T00:00:00Z", "last_seen": "2026-11-22T10:00:00Z", "count": 99,
         "ttl": 60, "absences": 0}]})");
    STRCMP_CONTAINS("████████████████████████████████████████", text.c_str());
    STRCMP_CONTAINS("····················█████████▒▒▒▒▒▒▒▒▒▒▒", text.c_str());
    STRCMP_CONTAINS("held; last seen 3 h ago, 2 answers without it", text.c_str());
    STRCMP_CONTAINS("TIME is 10 h from 2026-11-22T00:00:00Z", text.c_str());
    CHECK_TRUE(text.find("203.0.113.7") < text.find("203.0.113.9")); // who came first
}

TEST(History, DrawsTheGapsOfAnAddressThatCameBack) {
    const auto text = drawn(R"({"sightings": [
        {"address": "203.0.113.9", "hostname": "irc.example", "system": "irc", "in_force": true,
         "first_seen": "2026-11-20T00:00:00Z", "last_seen": "2026-11-22T10:00:00Z", "count": 7,
         "ttl": 60, "absences": 0, "spans_forgotten": 3, "spans": [
            {"first_seen": "2026-11-22T00:00:00Z", "last_seen": "2026-11-22T02:00:00Z"},
            {"first_seen": "2026-11-22T07:30:00Z", "last_seen": "2026-11-22T10:00:00Z"}]}]})");
    STRCMP_CONTAINS(" █████████·····················██████████ ", text.c_str());
    STRCMP_CONTAINS("  5      7   60  in force", text.c_str());
    STRCMP_CONTAINS("TIME is 10 h from 2026-11-22T00:00:00Z", text.c_str());
}

TEST(History, SaysThatAnAddressHasLeft) {
    const auto text = drawn(R"({"sightings": [
        {"address": "203.0.113.9", "hostname": "irc.example", "role": "server", "in_force": false,
         "first_seen": "2026-11-19T05:00:00Z", "last_seen": "2026-11-20T10:00:00Z",
         "absences": 4}]})");
    STRCMP_CONTAINS("left; last seen 2 d ago, 4 answers without it", text.c_str());
    STRCMP_CONTAINS("server", text.c_str());
}

TEST(History, TellsHowTheNameIsDoing) {
    const auto text = drawn(R"({"names": [
        {"hostname": "irc.example", "system": "irc", "type": "A", "last_outcome": "answered",
         "completeness": {"text": "≈97 % seen", "coverage": 0.972, "seen": 194, "estimated": 199.2}, "evicted": 3},
        {"hostname": "irc.example", "system": "irc", "type": "AAAA", "last_outcome": "timeout",
         "failures": 7, "last_answered": "2026-11-22T05:00:00Z"},
        {"hostname": "old.example", "system": "irc", "type": "A", "last_outcome": "no such name",
         "gone_since": "2026-11-21T05:00:00Z", "completeness": {"coverage": null, "text": ""}}]})");
    STRCMP_CONTAINS("≈97 % seen, 194 of ≈199", text.c_str());
    STRCMP_CONTAINS("no answer 7 times in a row; last 2026-11-22T05:00:00Z", text.c_str());
    STRCMP_CONTAINS("gone since 2026-11-21T05:00:00Z", text.c_str());
    STRCMP_CONTAINS("never seen in an answer", text.c_str());
}

TEST(History, SurvivesAnswersOfAnotherShape) {
    for (const auto* odd :
         {"{}", R"({"sightings": [{"first_seen": 7}, {}], "names": [{}, {"completeness": 1}]})",
          R"({"names": {}, "sightings": 1})",
          R"({"sightings": [{"spans": [1, {}, {"first_seen": 7}], "spans_forgotten": -1}]})"})
        STRCMP_CONTAINS("never seen in an answer", drawn(odd).c_str());
}
