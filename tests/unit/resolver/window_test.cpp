// SPDX-License-Identifier: Apache-2.0
#include "resolver/window.hpp"

#include <algorithm>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::dns;
using namespace std::chrono_literals;

TEST_GROUP(Window) {
    Clock::time_point now = Clock::now();
    std::chrono::microseconds rtt = 30ms;

    /// `most` answers a second, whatever is asked; else what the window lets through.
    void run(Window & window, double most, Clock::duration how_long, bool paced = false,
             bool full = true) {
        double owed = 0;
        for (const auto end = now + how_long; now < end; now += 10ms) {
            const auto by_window =
                static_cast<double>(window.size()) / std::chrono::duration<double>(rtt).count();
            owed += 0.01 * std::min(most, by_window);
            for (; owed >= 1; owed -= 1) window.answered();
            if (full) window.was_full();
            window.turn(now, rtt, paced);
        }
    }
};

TEST(Window, GrowsWhileTheServerKeepsUp) {
    Window window(0);
    window.begin(now);
    CHECK_EQUAL(512U, window.size());
    run(window, 1e9, 400ms);
    CHECK_EQUAL(2048U, window.size());
    run(window, 1e9, 10s);
    CHECK_EQUAL(2048U, window.size()); // and no further
}

TEST(Window, GoesBackWhereMoreBringsNoMore) {
    Window window(0);
    window.begin(now);
    run(window, 15'000, 1s); // less than 512 at a time get
    CHECK_EQUAL(512U, window.size());
    Window other(0);
    other.begin(now);
    run(other, 35'000, 1s); // just what 1,024 get
    CHECK_EQUAL(1024U, other.size());
}

TEST(Window, LooksAgainAfterAWhile) {
    Window window(0);
    window.begin(now);
    run(window, 15'000, 1s);
    run(window, 1e9, 3s);
    CHECK_EQUAL(2048U, window.size());
}

TEST(Window, StaysWhereNothingWaitsForIt) {
    Window window(0);
    window.begin(now);
    run(window, 1e9, 1s, false, false);
    CHECK_EQUAL(512U, window.size());
}

TEST(Window, IsTheFirstWhereAServerIsPaced) {
    Window window(0);
    window.begin(now);
    run(window, 1e9, 400ms);
    run(window, 1e9, 3s, true);
    CHECK_EQUAL(512U, window.size());
}

TEST(Window, IsWhatItIsToldToBe) {
    Window window(100);
    window.begin(now);
    run(window, 1e9, 1s);
    CHECK_EQUAL(100U, window.size());
}
