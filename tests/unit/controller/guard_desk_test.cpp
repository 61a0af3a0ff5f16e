// SPDX-License-Identifier: Apache-2.0
// When names that cannot exist are asked for again.
#include "controlplane/controller/guard_desk.hpp"

#include <cstdlib>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using std::chrono::hours;
using std::chrono::seconds;

TEST_GROUP(GuardDeskClock) {
    std::filesystem::path folder;
    Instant noon{seconds(1'790'000'000)};

    void setup() override {
        std::string name = "/tmp/sg-desk-XXXXXX";
        CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    void teardown() override { std::filesystem::remove_all(folder); }
};

TEST(GuardDeskClock, ACanaryAskedByAClockThatWasAheadIsAskedAgain) {
    StartFaults faults;
    auto desk = GuardDesk::open(folder, GuardConfig{}, faults).value();
    const auto asks = [&](Instant at) { return desk.questions({}, {}, nullptr, at).canaries; };
    CHECK_TRUE(asks(noon));
    GuardFindings found;
    found.canaries = true;
    CHECK_TRUE(desk.learn(found, noon).has_value());
    CHECK_FALSE(asks(noon + seconds(599)));
    CHECK_TRUE(asks(noon + seconds(600)));
    CHECK_TRUE(desk.learn(found, noon + hours(24 * 3650)).has_value());
    CHECK_TRUE(asks(noon + seconds(601))); // put right
}
