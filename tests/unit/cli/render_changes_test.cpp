// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/render.hpp"
#include "tests/unit/cli/rendered.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using sweepgate::test::rendered;

namespace {

constexpr const char* kDiff = R"({"from": 3, "to": 7, "left_out": 0, "systems": [
    {"system": "irc", "added": [{"prefix": "203.0.113.7/32", "names": ["irc.example", "b.example"]},
                                {"prefix": "203.0.113.8/32", "names": []}],
     "removed": [], "now_shared": [{"prefix": "203.0.113.9/32", "names": ["c.example"]}],
     "now_exclusive": []},
    {"system": "xmpp", "added": [], "removed": [{"prefix": "2001:db8::7/128", "names": ["x.example"]}],
     "now_shared": [], "now_exclusive": []}]})";

} // namespace

TEST_GROUP(Changes){};

TEST(Changes, TellAdditionsAndRemovalsBySystemAndName) {
    const auto text = rendered(render_diff, kDiff, std::size_t{20});
    STRCMP_CONTAINS("generation 3 to 7: 2 added, 1 removed, 1 with another scope", text.c_str());
    STRCMP_CONTAINS("  irc: 2 added, 0 removed\n  xmpp: 0 added, 1 removed\n", text.c_str());
    STRCMP_CONTAINS("+  irc     203.0.113.7/32   irc.example, b.example", text.c_str());
    STRCMP_CONTAINS("-  xmpp    2001:db8::7/128  x.example", text.c_str());
    STRCMP_CONTAINS("now on the system's own ports only", text.c_str());
    CHECK_TRUE(text.find("--all") == std::string::npos);
}

TEST(Changes, BoundTheirListAndSaySo) {
    const auto text = rendered(render_diff, kDiff, std::size_t{1});
    STRCMP_CONTAINS("… and 3 more (--all)", text.c_str());
}

TEST(Changes, AreNoneBetweenEqualGenerations) {
    const auto text =
        rendered(render_diff, R"({"from": 7, "to": 7, "systems": []})", std::size_t{9});
    STRCMP_EQUAL("generation 7 to 7: 0 added, 0 removed\n", text.c_str());
}

TEST(Changes, StandInAPlan) {
    const auto plan = std::string(R"({"added": ["irc 203.0.113.0/24"], "changes": )") + kDiff + "}";
    const auto text = rendered(render_plan, plan.c_str(), std::size_t{20});
    STRCMP_CONTAINS("against what is in force: 2 added, 1 removed", text.c_str());
    CHECK_TRUE(text.find("203.0.113.0/24") == std::string::npos);
}
