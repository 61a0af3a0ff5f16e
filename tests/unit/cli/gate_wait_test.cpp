// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/gate_wait.hpp"

#include <sstream>

#include "controlplane/cli/render_decision.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json row(const char* gate, unsigned generation, const char* state, const char* text = "",
         double seen = 0.1, const char* error = "") {
    return {{"gate", gate},   {"kind", "nftables"}, {"generation", generation},
            {"state", state}, {"state_text", text}, {"seen_s_ago", seen},
            {"error", error}, {"instance", "1"}};
}

std::string told(const GateWait& wait, bool all = false) {
    std::ostringstream out;
    render_gate_outcomes(out, wait, all);
    return out.str();
}

} // namespace

TEST_GROUP(GateWait) {
    GateWait wait{26, true};

    bool take(const std::vector<json>& rows, std::chrono::milliseconds after) {
        return wait.take({{"generation", 26}, {"gates", rows}}, after);
    }
};

TEST(GateWait, TellsAfterHowLongEachGateHasIt) {
    CHECK_FALSE(
        take({row("lab/dpdk", 25, "behind", "behind"), row("lab/nftables", 26, "current")}, 34ms));
    CHECK_FALSE(wait.in_force());
    CHECK_TRUE(take({row("lab/dpdk", 26, "current"), row("lab/nftables", 26, "current")}, 80ms));
    CHECK_TRUE(wait.in_force());
    STRCMP_EQUAL("  lab/dpdk      enforced after 80 ms\n"
                 "  lab/nftables  enforced after 34 ms\n",
                 told(wait).c_str());
}

TEST(GateWait, TakesANewerGenerationForItToo) {
    CHECK_TRUE(take({row("box", 27, "current")}, 5ms));
    CHECK_TRUE(wait.in_force());
}

TEST(GateWait, TellsThatAGateSaysNothing) {
    CHECK_FALSE(take({row("lab/dpdk", 25, "silent", "silent 22 s", 22.4)}, 5000ms));
    CHECK_FALSE(wait.in_force());
    STRCMP_EQUAL("  lab/dpdk  no word for 5 s (last heard 22 s ago); it enforces 25\n",
                 told(wait).c_str());
    // What a silent one had once acknowledged nobody knows to be so now.
    CHECK_FALSE(take({row("lab/dpdk", 26, "silent", "silent 22 s", 22.4)}, 5000ms));
    CHECK_FALSE(wait.in_force());
}

TEST(GateWait, TellsThatAGateStopsSpeakingMeanwhile) {
    CHECK_FALSE(take({row("box", 25, "behind", "behind", 6.2)}, 5000ms));
    STRCMP_EQUAL("  box  no word for 5 s (last heard 6 s ago); it enforces 25\n",
                 told(wait).c_str());
}

TEST(GateWait, TellsWhyAGateRefusesAndWaitsNoLonger) {
    CHECK_TRUE(take({row("box", 25, "refuses", "refuses: no memory", 0.1, "no memory")}, 20ms));
    CHECK_FALSE(wait.in_force());
    STRCMP_EQUAL("  box  refused: no memory; it enforces 25\n", told(wait).c_str());
}

TEST(GateWait, TellsOfAGateThatIsSlow) {
    CHECK_FALSE(take({row("box", 25, "behind", "behind by 1", 0.5)}, 5200ms));
    STRCMP_EQUAL("  box  not yet after 5.2 s (behind by 1); it enforces 25\n", told(wait).c_str());
}

TEST(GateWait, IsNotInForceWhereSomethingIsWrongWithTheGate) {
    CHECK_TRUE(take({row("box", 26, "unsaved", "unsaved")}, 20ms));
    CHECK_FALSE(wait.in_force());
    STRCMP_EQUAL("  box  enforced after 20 ms; unsaved\n", told(wait).c_str());
    CHECK_TRUE(take({row("box", 26, "differs", "differs: same number, another content")}, 20ms));
    CHECK_FALSE(wait.in_force());
}

TEST(GateWait, IsInForceNowhereWithoutGates) {
    CHECK_TRUE(take({}, 1ms));
    CHECK_FALSE(wait.in_force());
    STRCMP_CONTAINS("no gate is known", told(wait).c_str());
}

TEST(GateWait, SaysThatNothingHadToBeDone) {
    wait = GateWait(26, false);
    CHECK_TRUE(take({row("box", 26, "current")}, 1ms));
    STRCMP_EQUAL("  box  enforces it already\n", told(wait).c_str());
}

TEST(GateWait, SumsAFleetUp) {
    std::vector<json> rows;
    for (int i = 0; i < 40; ++i)
        rows.push_back(row(("box" + std::to_string(i)).c_str(), 26, "current"));
    rows.push_back(row("lost", 25, "silent", "silent 9 h", 32400));
    CHECK_FALSE(take(rows, 5000ms));
    STRCMP_EQUAL("  40 gates enforce it, the last after 5000 ms\n"
                 "  lost  no word for 5 s (last heard 32400 s ago); it enforces 25\n",
                 told(wait).c_str());
    CHECK_TRUE(told(wait, true).find("box39") != std::string::npos);
}
