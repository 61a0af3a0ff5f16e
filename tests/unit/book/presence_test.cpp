// SPDX-License-Identifier: Apache-2.0
#include "controlplane/book/presence.hpp"

#include <random>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Presence){
    /// How often, over so many answers with `each` of `pool` addresses drawn at random, an address
    /// would be said to have gone before it returned.
    static unsigned gone_in_rotation(unsigned pool, unsigned each,
                                     unsigned answers){struct Turn{std::uint64_t first = 0;
std::uint64_t last = 0;
std::uint64_t hits = 0;
bool seen = false;
}
;
std::minstd_rand random(7);
std::vector<Turn> turns(pool);
std::vector<unsigned> order(pool);
for (unsigned i = 0; i < pool; ++i) order[i] = i;
unsigned gone = 0;
for (std::uint64_t now = 1; now <= answers; ++now)
    for (unsigned i = 0; i < each; ++i) {
        std::swap(order[i], order[i + random() % (pool - i)]);
        auto& turn = turns[order[i]];
        if (turn.seen)
            gone += has_gone({now - 1 - turn.first, turn.hits++, now - 1 - turn.last});
        else
            turn.first = now;
        turn.seen = true;
        turn.last = now;
    }
return gone;
}
}
;

TEST(Presence, TakesMoreAbsencesTheLessIsKnownOfAnAddress) {
    CHECK_FALSE(has_gone({27, 20, 7}));
    CHECK_TRUE(has_gone({28, 20, 8}));
    CHECK_FALSE(has_gone({22, 10, 12}));
    CHECK_TRUE(has_gone({23, 10, 13}));
    CHECK_FALSE(has_gone({1404, 40, 404}));
    CHECK_TRUE(has_gone({1405, 40, 405}));
    CHECK_TRUE(has_gone({10'000'000, 9'999'990, 10}));
}

TEST(Presence, SaysNothingOfWhatWasSeenOnce) {
    CHECK_FALSE(has_gone({0, 0, 0}));
    CHECK_FALSE(has_gone({1'000'000, 0, 1'000'000}));
    CHECK_FALSE(has_gone({100'000, 1, 99'999}));
}

// 160,000, 100,000 and 80,000 returns; chance alone has one in a million.
TEST(Presence, TakesNextToNoTurnThatHasNotComeForADeparture) {
    CHECK_TRUE(gone_in_rotation(200, 8, 20'000) <= 1);
    CHECK_TRUE(gone_in_rotation(2, 1, 100'000) <= 1);
    CHECK_TRUE(gone_in_rotation(1000, 4, 20'000) <= 1);
}

TEST(Presence, SurvivesCountsThatContradictEachOther) {
    CHECK_FALSE(has_gone({10, 8, 8}));
    CHECK_FALSE(has_gone({3, 0, 9}));
}
