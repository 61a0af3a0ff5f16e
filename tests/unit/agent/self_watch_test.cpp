// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/self_watch.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::agent;
using namespace std::chrono_literals;

TEST_GROUP(SelfWatch) {
    SelfWatch::Steady noon{std::chrono::hours(100)};
    SelfWatch watch{noon};
    wire::ReplicaState state;

    void setup() override {
        state.generation = 7;
        state.connected = true;
        state.saved = Saved::yes;
    }
    std::string said(std::chrono::seconds later) {
        std::string all;
        for (const auto& line : watch.look(state, noon + later)) all += line.text + "\n";
        return all;
    }
};

TEST(SelfWatch, IsQuietWhileAllIsWell) {
    STRCMP_EQUAL("", said(0s).c_str());
    STRCMP_EQUAL("generation 7 in force", watch.status().c_str());
}

TEST(SelfWatch, SaysOnceThatTheControllerIsNotHeard) {
    STRCMP_EQUAL("", said(0s).c_str());
    state.connected = false;
    STRCMP_EQUAL("", said(5s).c_str());
    STRCMP_EQUAL("the controller is not heard; generation 7 in force and stays so\n",
                 said(20s).c_str());
    STRCMP_EQUAL("", said(40s).c_str());
    STRCMP_CONTAINS("not heard", watch.status().c_str());
    state.connected = true;
    STRCMP_EQUAL("the controller is heard again\n", said(60s).c_str());
}

TEST(SelfWatch, SaysThatASnapshotExpiredAndAClockIsOff) {
    state.expired = true;
    state.clock_offset = 5h;
    const auto lines = said(0s);
    STRCMP_CONTAINS("generation 7 has expired", lines.c_str());
    STRCMP_CONTAINS("our clock is 18000 s ahead of the controller's", lines.c_str());
    state.expired = false;
    state.clock_offset = -29s;
    STRCMP_CONTAINS("agree again", said(5s).c_str());
    state.clock_offset = -31s;
    STRCMP_CONTAINS("31 s behind", said(10s).c_str());
}

TEST(SelfWatch, NamesWhatIsRefusedAndWhatIsNotSaved) {
    state.refusal = "not signed by a key we trust";
    state.saved = Saved::no;
    state.saved_generation = 6;
    state.save_fault = "disk full";
    const auto lines = said(0s);
    STRCMP_CONTAINS("falls back to generation 6", lines.c_str());
    STRCMP_CONTAINS("refused: not signed by a key we trust", lines.c_str());
    STRCMP_EQUAL(
        "generation 7 in force; not saved: disk full; refuses: not signed by a key we trust",
        watch.status().c_str());
}
