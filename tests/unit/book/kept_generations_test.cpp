// SPDX-License-Identifier: Apache-2.0
// How far back a diff reaches.
#include "controlplane/book/book.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

constexpr Instant kNow{std::chrono::seconds{1'800'000'000}};

/// `count` generations, one each `apart`, the newest first and now.
std::vector<KeptGeneration> one_each(std::size_t count, std::chrono::seconds apart,
                                     std::size_t bytes = 100) {
    std::vector<KeptGeneration> held;
    for (std::size_t i = 0; i < count; ++i)
        held.push_back({count - i, kNow - apart * static_cast<int>(i), false, bytes});
    return held;
}

} // namespace

TEST_GROUP(KeptGenerations){};

TEST(KeptGenerations, AreTheNewest) {
    const auto kept = kept_generations(one_each(20, std::chrono::hours{2}), 8, kNow);
    CHECK_EQUAL(8U, kept.size());
    CHECK_EQUAL(13U, *kept.begin());
}

TEST(KeptGenerations, AreAllOfTheLastHour) {
    const auto kept = kept_generations(one_each(100, std::chrono::minutes{1}), 8, kNow);
    CHECK_EQUAL(61U, kept.size());
}

TEST(KeptGenerations, ReachBackAnHourAlsoWhenTheyAreMany) {
    const auto kept = kept_generations(one_each(5'000, std::chrono::seconds{1}), 8, kNow);
    CHECK_TRUE(kept.size() <= 130U);
    CHECK_TRUE(*kept.begin() <= 5'000U - 3'570U); // within half a minute of the hour
}

TEST(KeptGenerations, AreThoseThatPeopleMadeWithTheOnesBefore) {
    auto held = one_each(400, std::chrono::hours{1});
    for (std::size_t i = 0; i < held.size(); i += 4) held[i].by_person = true;
    const auto kept = kept_generations(held, 8, kNow);
    std::size_t people = 0;
    for (const auto& each : held)
        if (each.by_person && kept.contains(each.number)) {
            ++people;
            CHECK_TRUE(kept.contains(each.number - 1));
        }
    CHECK_EQUAL(kKeptByPeople, people);
}

TEST(KeptGenerations, AreBoundedInBytesButForTheNewest) {
    const auto kept =
        kept_generations(one_each(100, std::chrono::seconds{30}, kKeptBytes / 10), 8, kNow);
    CHECK_EQUAL(10U, kept.size());
    CHECK_EQUAL(
        2U, kept_generations(one_each(100, std::chrono::seconds{30}, kKeptBytes), 2, kNow).size());
}

TEST(KeptGenerations, KnowWhatPeopleMade) {
    for (const auto* cause : {"policy by alice", "rollback to policy 3 by bob", "approved irc by x",
                              "refused irc by x", "policy file reloaded", "catalog reloaded"})
        CHECK_TRUE(made_by_person(cause));
    for (const auto* cause : {"sweep", "learnt", "renewed", "lists reloaded", "restored"})
        CHECK_FALSE(made_by_person(cause));
}
