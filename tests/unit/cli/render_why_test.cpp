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
          "    book       current\n"
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

TEST(Why, SaysOneThingOfAnAddressThatIsHeld) {
    const auto text = rendered(render_why, R"json({"address": "198.18.70.130", "standing": "held",
        "summary": "198.18.70.130 is held since 2026-11-30T19:31:01Z: tox would gain 51 addresses; sweepgate approve tox | refuse tox; until then it passes (generation 27)",
        "verdict": {"generation": 27, "listed": false, "allowed": false, "systems": []},
        "sightings": [{"hostname": "tox.example", "system": "tox", "role": "server", "in_force": true}],
        "judgements": [{"prefix": "198.18.70.130/32", "system": "tox", "hostname": "tox.example",
                        "disposition": "exclusive", "effect": "held, not in force",
                        "reason": "an address of tox.example alone"}],
        "gates": [{"gate": "lab/nftables", "kind": "nftables", "generation": 27, "action": "pass",
                   "answered": true},
                  {"gate": "lab/dpdk", "kind": "dpdk", "answered": false, "action": null,
                   "error": "did not answer (last heard 22 s ago)"}]})json");
    STRNCMP_EQUAL("198.18.70.130 is held since 2026-11-30T19:31:01Z: tox would gain 51 addresses; "
                  "sweepgate approve tox | refuse tox",
                  text.c_str(), 113);
    STRCMP_CONTAINS("guard      exclusive (held, not in force): an address of tox.example alone",
                    text.c_str());
    STRCMP_CONTAINS("\nlab/dpdk did not answer (last heard 22 s ago)\n", text.c_str());
    CHECK_TRUE(text.find("not listed") == std::string::npos);
    CHECK_TRUE(text.find("  in force") == std::string::npos);
}

TEST(Why, SaysWhatAFormStandsFor) {
    STRNCMP_EQUAL(
        "::ffff:203.0.113.9 is 203.0.113.9 (IPv4-mapped)\n203.0.113.9 is listed",
        rendered(render_why, R"json({"address": "203.0.113.9", "summary": "203.0.113.9 is listed",
                      "form": {"asked": "::ffff:203.0.113.9", "how": "IPv4-mapped"}})json")
            .c_str(),
        68);
    STRCMP_CONTAINS("it stands for 203.0.113.9 (NAT64): 203.0.113.9 is listed\n",
                    rendered(render_why, R"json({"address": "64:ff9b::cb00:7109", "summary": "x",
                        "stands_for": {"address": "203.0.113.9", "how": "NAT64",
                                       "summary": "203.0.113.9 is listed"}})json")
                        .c_str());
}

TEST(Why, TellsTheVerdictOfOnePacketAndTheExceptions) {
    const auto text = rendered(render_why, R"json({"address": "203.0.113.9", "summary": "s",
        "packets": [{"text": "from 192.0.2.7 (group guests) to 203.0.113.9: drop (irc)"}],
        "exceptions": [{"prefix": "203.0.113.8/29", "text": "sanctioned: Sametime"}]
})json");
    STRCMP_CONTAINS("  from 192.0.2.7 (group guests) to 203.0.113.9: drop (irc)\n", text.c_str());
    STRCMP_CONTAINS("  203.0.113.8/29 is never hit: sanctioned: Sametime\n", text.c_str());
}

TEST(Why, TakesAPrefixApart) {
    const auto text = rendered(render_why, R"json({"kind": "why", "prefix": "203.0.113.0/24",
        "summary": "2 parts in 203.0.113.0/24 are listed",
        "listed": [{"prefix": "203.0.113.0/28", "scope": "exclusive", "systems": ["irc", "aim"]}],
        "allowed": ["203.0.113.8/32"], "left_out": 3,
        "held": [{"system": "tox", "address": "203.0.113.99", "reason": "would gain 51"}],
        "refused": [{"prefix": "203.0.113.71/32", "system": "irc", "reason": "a bank"}]})json");
    STRCMP_EQUAL("2 parts in 203.0.113.0/24 are listed\n"
                 "LISTED          SCOPE      SYSTEMS\n"
                 "203.0.113.0/28  exclusive  irc, aim\n"
                 "  203.0.113.8/32 is allowed before everything else\n"
                 "  203.0.113.99 is held: tox would gain 51\n"
                 "  203.0.113.71/32 of irc is refused by the guard: a bank\n"
                 "… and 3 more\n",
                 text.c_str());
}

TEST(Why, TellsEachAddressOfAName) {
    const auto text = rendered(render_why, R"json({"kind": "why", "hostname": "irc.libera.chat",
        "names": [{"type": "A", "failures": 0}, {"type": "AAAA", "failures": 4}],
        "addresses": [{"address": "203.0.113.9", "summary": "203.0.113.9 is listed by x",
                       "packets": [{"text": "from a to b: drop"}]},
                      {"address": "203.0.113.10", "summary": "203.0.113.10 is not listed"}],
        "gate_states": [{"gate": "a/dpdk", "current": true, "state_text": "current"},
                        {"gate": "b/dpdk", "current": false, "state_text": "silent 23 s"}]})json");
    STRCMP_EQUAL("irc.libera.chat: 2 addresses\n"
                 "  AAAA: no answer 4 times in a row\n"
                 "  203.0.113.9 is listed by x\n"
                 "    from a to b: drop\n"
                 "  203.0.113.10 is not listed\n"
                 "1 of 2 gates do so\n"
                 "  b/dpdk: silent 23 s\n",
                 text.c_str());
}
