// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/link_carry.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;
using namespace std::chrono_literals;

namespace {

/// Two ports on wires that the test cuts and mends.
struct Wires {
    LinkCarry::Instant now{};
    LinkCarry carry;
    std::array<bool, 2> wire{true, true};
    std::array<bool, 2> enabled{true, true};
    std::chrono::milliseconds rises_in = 0ms; // what a PHY needs after it was enabled
    std::array<LinkCarry::Instant, 2> since{};
    unsigned orders = 0;

    explicit Wires(std::array<bool, 2> can_hold = {true, true}) : carry(now, can_hold) {}

    [[nodiscard]] std::array<bool, 2> up() const {
        std::array<bool, 2> links{};
        for (unsigned i = 0; i < 2; ++i)
            links[i] = wire[i] && enabled[i] && now - since[i] >= rises_in;
        return links;
    }
    void run(std::chrono::milliseconds time) {
        for (const auto end = now + time; now < end; now += 50ms)
            if (const auto order = carry.look(now, up())) {
                enabled[order->side] = order->up;
                since[order->side] = now;
                ++orders;
            }
    }
};

} // namespace

TEST_GROUP(LinkCarry) {
    Wires wires;
    void setup() override { wires.run(1s); }
};

TEST(LinkCarry, DoesNothingAsLongAsBothLinksAreUp) {
    wires.run(60s);
    CHECK_EQUAL(0U, wires.orders);
}

TEST(LinkCarry, TakesTheOtherSideDownAndGivesItBack) {
    for (unsigned lost = 0; lost < 2; ++lost) {
        wires.wire[lost] = false;
        wires.run(200ms);
        CHECK_FALSE(wires.enabled[1 - lost]);
        CHECK_TRUE(wires.enabled[lost]);
        wires.run(60s); // its own order is no loss of the other side
        CHECK_TRUE(wires.enabled[lost]);
        wires.wire[lost] = true;
        wires.run(200ms);
        CHECK_TRUE(wires.enabled[1 - lost]);
        wires.run(1s);
        CHECK_FALSE(wires.carry.held().has_value());
    }
    CHECK_EQUAL(4U, wires.orders);
}

TEST(LinkCarry, OverlooksALossThatEndsAtOnce) {
    for (int i = 0; i < 100; ++i) {
        wires.wire[0] = false;
        wires.run(50ms);
        wires.wire[0] = true;
        wires.run(50ms);
    }
    CHECK_EQUAL(0U, wires.orders);
}

TEST(LinkCarry, WaitsForALinkThatNeedsSecondsToComeBack) {
    wires.rises_in = 4s;
    wires.run(10s); // it is up again
    wires.wire[0] = false;
    wires.run(1s);
    wires.wire[0] = true; // it was not disabled, so it is up at once
    wires.run(20s);
    CHECK_EQUAL(2U, wires.orders); // down and up, and no flapping in between
    CHECK_TRUE(wires.up()[1]);
}

TEST(LinkCarry, CarriesTheLossOfASideThatWasCutWhileItWasHeld) {
    wires.wire[0] = false;
    wires.run(1s);
    wires.wire = {true, false};
    wires.run(1s);
    CHECK_TRUE(wires.enabled[1]); // given back, and has time to come up
    CHECK_TRUE(wires.enabled[0]);
    wires.run(11s);
    CHECK_FALSE(wires.enabled[0]);
    wires.wire[1] = true;
    wires.run(1s);
    CHECK_TRUE(wires.enabled[0]);
    CHECK_EQUAL(4U, wires.orders);
}

TEST(LinkCarry, HoldsNobodyWhileBothAreLost) {
    wires.wire = {false, false};
    wires.run(60s);
    CHECK_EQUAL(0U, wires.orders);
    wires.wire[1] = true;
    wires.run(1s);
    CHECK_FALSE(wires.enabled[1]); // the other end is still gone
    wires.wire[0] = true;
    wires.run(1s);
    CHECK_TRUE(wires.enabled[1]);
}

TEST(LinkCarry, GivesTheLinksTimeAfterTheStart) {
    Wires cold;
    cold.wire[0] = false;
    cold.run(9s);
    CHECK_EQUAL(0U, cold.orders);
    cold.run(2s);
    CHECK_FALSE(cold.enabled[1]);
}

TEST(LinkCarry, LeavesAloneWhatCannotBeTakenDown) {
    Wires fixed({true, false});
    fixed.run(1s);
    fixed.wire[0] = false;
    fixed.run(60s);
    CHECK_EQUAL(0U, fixed.orders);
    fixed.wire = {true, false};
    fixed.run(1s);
    CHECK_FALSE(fixed.enabled[0]);
}

/// Two gates in a row, with a wire between them that both see.
TEST(LinkCarry, DoesNotFlapWithASecondGateBehindIt) {
    Wires near, far;
    unsigned seen = 0;
    const auto run = [&](std::chrono::milliseconds time) {
        for (auto left = time; left > 0ms; left -= 50ms) {
            near.wire[1] = far.enabled[0];
            far.wire[0] = near.enabled[1];
            near.run(50ms);
            far.run(50ms);
        }
        seen = near.orders + far.orders;
    };
    run(1s);
    near.wire[0] = false;
    far.wire[1] = false; // both ends at once
    run(30s);
    near.wire[0] = far.wire[1] = true;
    run(60s);
    CHECK_TRUE(near.enabled[0] && near.enabled[1] && far.enabled[0] && far.enabled[1]);
    const auto settled = seen;
    run(60s);
    CHECK_EQUAL(settled, seen);
}
