// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;

TEST_GROUP(Why){};

TEST(Why, SaysThatAnUnlistedAddressPasses) {
    const auto text = rendered(render_why, R"({"address": "192.0.2.9",
        "verdict": {"generation": 7, "listed": false, "allowed": false}})");
    STRCMP_CONTAINS("192.0.2.9 is not listed (generation 7): it passes", text.c_str());
    STRCMP_CONTAINS("never seen in an answer", text.c_str());
    STRCMP_CONTAINS("no gate answered", text.c_str());
}

TEST(Why, ShowsEveryLineOfProvenanceWithTheGuardsWords) {
    const auto text = rendered(render_why, R"({"address": "203.0.113.7",
        "verdict": {"generation": 7, "listed": true, "prefix": "203.0.113.7/32",
                    "scope": "exclusive",
                    "systems": [{"id": "irc", "name": "IRC", "action": {"everyone": "drop",
                                                                        "staff": "monitor"}}]},
        "sightings": [{"address": "203.0.113.7", "system": "irc", "hostname": "irc.libera.chat",
                       "role": "server", "source": "hint", "authenticated": true,
                       "chain": ["a.example", "b.example"], "resolvers": ["192.0.2.53:53"],
                       "first_seen": "2026-11-20T05:00:00Z", "last_seen": "2026-11-22T05:00:00Z",
                       "count": 120, "ttl": 60, "ttl_lowest": 5, "absences": 2,
                       "spans": [{}, {}], "spans_forgotten": 1, "in_force": true}],
        "judgements": [{"prefix": "203.0.113.7/32", "system": "irc", "hostname": "irc.libera.chat",
                        "disposition": "exclusive", "reason": "an address of irc.libera.chat alone",
                        "evidence": [{"points": -30, "words": "its reverse name is its own"}]},
                       {"prefix": "203.0.113.0/25", "system": "icq", "hostname": "",
                        "source": "asn-list", "origin": "lists/as64500.txt: line 7",
                        "disposition": "shared", "reason": "listed"},
                       {"prefix": "203.0.113.0/24", "system": "aim", "hostname": "",
                        "disposition": "refused", "reason": "wider than /8"}],
        "gates": [{"gate": "box/dpdk", "kind": "dpdk", "generation": 7, "listed": true,
                   "action": "drop", "scope": "exclusive", "systems": ["irc"]}]})");
    for (const auto* line :
         {"exclusive: on every port", "irc (IRC): drop, staff monitor",
          "  irc.libera.chat (irc, server)\n    source     hint, DNSSEC\n"
          "    chain      irc.libera.chat -> a.example -> b.example\n"
          "    resolvers  192.0.2.53:53\n"
          "    seen       first 2026-11-20T05:00:00Z, last 2026-11-22T05:00:00Z, 120 times, then 2 "
          "answers without it; it came 3 times\n"
          "    TTL        60 s, the lowest 5 s\n"
          "    state      in force\n"
          "    guard      exclusive: an address of irc.libera.chat alone\n"
          "               -30 its reverse name is its own\n",
          "  203.0.113.0/25 (icq)\n    source     asn-list: lists/as64500.txt: line 7\n",
          "  203.0.113.0/24 (aim)\n    source     published: the catalog's prefixes\n"
          "    guard      refused: wider than /8\n",
          "drop irc (exclusive)"})
        STRCMP_CONTAINS(line, text.c_str());
}

TEST(Why, KeepsControlCharactersOffTheTerminal) {
    const auto text = rendered(render_why, R"({"address": "203.0.113.7",
        "sightings": [{"hostname": "a\u001b[2Jb", "chain": ["c\u0007"]}]})");
    CHECK_TRUE(text.find('\x1b') == std::string::npos);
    CHECK_TRUE(text.find('\a') == std::string::npos);
}

TEST(Why, SurvivesAnswersOfAnotherShape) {
    for (const auto* odd : {"{}", R"({"sightings": [{}], "judgements": [{"evidence": [{}, 7]}]})",
                            R"({"sightings": 7, "judgements": {}, "gates": [{}]})"})
        CHECK_FALSE(rendered(render_why, odd).empty());
}
