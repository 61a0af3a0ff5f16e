// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render_policies.hpp"

#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;

TEST_GROUP(RenderPolicies){};

TEST(RenderPolicies, ListsWhoWhatAndWhy) {
    const auto text = rendered(
        render_policies,
        R"({"policies": [{"number": 7, "in_force": true, "time": "2026-11-30T19:21:00Z", "author":
        "bob", "file": "held.toml", "cause": "rollback", "back_to": 2, "message": "too wide",
        "lists": []}]})");
    for (const auto* word : {"7", "in force", "bob", "held.toml", "rollback to 2", "too wide"})
        STRCMP_CONTAINS(word, text.c_str());
    STRCMP_EQUAL("no policy is filed\n", rendered(render_policies, R"({"policies": []})").c_str());
}

TEST(RenderPolicies, ShowsOneThatCanBePushedAgain) {
    STRCMP_EQUAL("# policy 2 (a.toml, alice, 2026-11-30T19:21:00Z), in force\n"
                 "# first\n"
                 "# list l.txt (plain, 12 bytes)\n"
                 "[categories]\n\tim = \"block\"\n",
                 rendered(render_policy,
                          R"({"number": 2, "in_force": true, "file": "a.toml", "author": "alice",
                          "time": "2026-11-30T19:21:00Z", "message": "first", "lists": [{"name":
                          "l.txt", "format": "plain", "bytes": 12, "error": ""}], "text":
                          "[categories]\n\tim = \"block\"\n"})")
                     .c_str());
}

TEST(RenderPolicies, ShowsTheLinesBetweenTwo) {
    STRCMP_EQUAL("policy 1 (a.toml) to 2 (b.toml): 1 lines added, 1 removed\n"
                 "  list l.txt changed\n@@ -1 +1 @@\n-a\n+b\n",
                 rendered(render_policy_diff,
                          R"({"from": {"number": 1, "file": "a.toml"}, "to": {"number": 2, "file":
                          "b.toml"}, "added": 1, "removed": 1, "lines": ["@@ -1 +1 @@", "-a", "+b"],
                          "lists": [{"name": "l.txt", "change": "changed"}]})")
                     .c_str());
}

TEST(RenderPolicies, SaysWhereARollbackLed) {
    STRCMP_EQUAL("warning: l.txt:2: 'x' is not a prefix\n"
                 "rolled back to policy 2 (held.toml, alice, 2026-11-30T19:21:00Z), filed as 7: "
                 "generation 24, +859 -0 prefixes of 0\n",
                 rendered(render_rollback,
                          R"({"policy": 7, "generation": 24, "unchanged": false, "added": 859,
                          "removed": 0, "before": 0, "warnings": ["l.txt:2: 'x' is not a prefix"],
                          "filed": {"number": 7}, "back_to": {"number": 2, "file": "held.toml",
                          "author": "alice", "time": "2026-11-30T19:21:00Z"}})")
                     .c_str());
    STRCMP_CONTAINS("policy 2 () is what is in force: nothing changes",
                    rendered(render_rollback,
                             R"({"policy": 2, "unchanged": true, "filed": {"number": 2},
                             "back_to": null})")
                        .c_str());
}
