// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/decide.hpp"
#include "controlplane/cli/render.hpp"
#include "controlplane/cli/render_decision.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;

TEST_GROUP(RenderDecision){};

TEST(RenderDecision, SaysWhatIsPublishedAndWhatChanges) {
    STRCMP_EQUAL(
        "policy 9 (held.toml) published as generation 32: opens 3 of 1300 prefixes, shuts 3\n"
        "  +1 −1 on bulk\n",
        rendered(render_decision, R"({"kind": "push", "policy": 9, "generation": 32,
            "generation_before": 31, "filed": {"file": "held.toml"},
            "reach": {"words": "opens 3 of 1300 prefixes, shuts 3"},
            "changes": {"systems": [{"system": "bulk", "added": [{"prefix": "192.0.2.1/32"}],
                                     "removed": [{"prefix": "192.0.2.2/32"}]}]}})")
            .c_str());
}

TEST(RenderDecision, SaysThatNothingChanges) {
    STRCMP_EQUAL("policy 9: nothing changes, generation 31 stays\n",
                 rendered(render_decision, R"({"policy": 9, "generation": 31,
                                               "generation_before": 31})")
                     .c_str());
}

TEST(RenderDecision, SaysWhatIsHeldNotInForceAndIdle) {
    const auto text = rendered(render_decision, R"x({"policy": 9, "generation": 31,
        "generation_before": 31,
        "holds": [{"system": "tox", "reason": "would gain 51 addresses"}],
        "not_in_force": [{"system": "bulk", "prefix": "10.0.0.0/8", "place": "l.txt: line 3",
                          "reason": "not a public address: private (10.0.0.0/8)"}],
        "idle": [{"system": "morpheus", "why": "it has no address"},
                 {"system": "odigo", "why": "it has no address"}]})x");
    STRCMP_CONTAINS("held: tox would gain 51 addresses; sweepgate approve tox lets it through, "
                    "refuse tox keeps it out\n",
                    text.c_str());
    STRCMP_CONTAINS("not in force: 10.0.0.0/8 of bulk (l.txt: line 3): not a public address: "
                    "private (10.0.0.0/8)\n",
                    text.c_str());
    STRCMP_CONTAINS("morpheus, odigo: to be stopped, but it has no address: nothing is stopped\n",
                    text.c_str());
}

TEST(RenderDecision, TellsWhatWasLetThroughOrKeptOut) {
    STRCMP_EQUAL("tox: 2 addresses let through, 0 let go (generation 28)\n",
                 rendered(render_decision, R"({"kind": "approve", "system": "tox",
                     "generation": 28, "hold": {"added": [{}, {}], "removed": []}})")
                     .c_str());
    STRCMP_EQUAL("tox: 2 addresses kept out (generation 28); sweepgate approve tox takes it back\n",
                 rendered(render_decision, R"({"kind": "refuse", "system": "tox",
                     "generation": 28, "hold": {"added": [{}, {}], "removed": []}})")
                     .c_str());
}

TEST(RenderDecision, OfAPlanPutsChangesFirstAndTheRestInOneLine) {
    const char* plan = R"({"prefixes": 900, "same": false,
        "systems": [{"id": "aim", "ipv4": 3, "ipv6": 1, "shared": 0,
                     "actions": {"everyone": "drop"}},
                    {"id": "bulk", "ipv4": 8, "ipv6": 0, "shared": 0,
                     "actions": {"everyone": "drop"}},
                    {"id": "odigo", "ipv4": 0, "ipv6": 0, "shared": 0,
                     "actions": {"everyone": "drop"}}],
        "reach": {"words": "opens nothing, shuts 1"},
        "changes": {"systems": [{"system": "bulk",
            "added": [{"prefix": "103.2.28.0/24", "names": [], "place": "line.toml"}],
            "removed": []}]}})";
    const auto text = rendered(render_plan, plan, std::size_t{20});
    STRCMP_CONTAINS("PREFIXES", text.c_str());
    CHECK_TRUE(text.find("IPV4") == std::string::npos); // one unit
    CHECK_TRUE(text.find("bulk") < text.find("1 systems unchanged, 4 prefixes (--all)"));
    CHECK_TRUE(text.find("aim") == std::string::npos);
    STRCMP_CONTAINS("+1 −0", text.c_str());
    STRCMP_CONTAINS("it opens nothing, shuts 1\nagainst what is in force: 1 added, 0 removed",
                    text.c_str());
    STRCMP_CONTAINS("+  bulk    103.2.28.0/24  line.toml", text.c_str());
}

TEST(RenderDecision, RefusesAnEmptyPolicyBeforeItIsSent) {
    const auto path =
        std::filesystem::temp_directory_path() / ("sg-empty-" + std::to_string(getpid()) + ".toml");
    for (const auto* text : {"", " \n\t\n", "\xEF\xBB\xBF\r\n"}) {
        std::ofstream(path) << text;
        const auto policy = policy_to_read(path.string(), "pushed");
        CHECK_FALSE(policy.has_value());
        STRCMP_EQUAL((path.string() + " is empty: nothing pushed; to take all defaults write a "
                                      "comment")
                         .c_str(),
                     policy.error().what.c_str());
    }
    std::ofstream(path) << "# all defaults\n";
    CHECK_TRUE(policy_to_read(path.string(), "pushed").has_value());
    std::filesystem::remove(path);
}
