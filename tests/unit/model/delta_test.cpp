// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/delta.hpp"

#include "tests/unit/model/random_snapshot.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using testing::random_snapshot;

TEST_GROUP(Delta) { std::mt19937 random{3}; };

TEST(Delta, LeadsFromAnySnapshotToAnyOther) {
    for (Generation generation = 1; generation < 300; ++generation) {
        const auto from = random_snapshot(random, generation);
        const auto to = random_snapshot(random, generation + 1);
        const auto arrived = apply(from, diff(from, to));
        CHECK_TRUE(arrived.has_value());
        CHECK_TRUE(*arrived == to);
    }
}

TEST(Delta, OfOneMovedAddressIsSmallAndCarriesNoRules) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    for (unsigned i = 0; i < 1000; ++i)
        parts.listings.push_back({host(ipv4(0xCB000000 + 2 * i)), 0, Scope::exclusive});
    const auto from = *build_snapshot(parts, 1, {}, {});
    parts.listings[7].prefix = host(ipv4(0xC6336401));
    const auto to = *build_snapshot(parts, 2, {}, {});
    const auto delta = diff(from, to);
    CHECK_FALSE(delta.rules.has_value());
    CHECK_EQUAL(1U, delta.added.size());
    CHECK_EQUAL(1U, delta.removed.size());
    CHECK_TRUE(*apply(from, delta) == to);
}

TEST(Delta, RefusesAnotherBase) {
    const auto a = random_snapshot(random, 1);
    const auto b = random_snapshot(random, 2);
    const auto c = random_snapshot(random, 3);
    const auto skipped = apply(a, diff(b, c));
    CHECK_TRUE(skipped.error().code == Errc::stale_generation);
    auto same_number = b;
    same_number.generation = 1;
    CHECK_TRUE(apply(same_number, diff(a, c)).error().code == Errc::stale_generation);
}

TEST(Delta, RefusesAGenerationThatDoesNotRise) {
    const auto a = random_snapshot(random, 5);
    auto b = random_snapshot(random, 4);
    CHECK_FALSE(apply(a, diff(a, b)).has_value());
}

TEST(Delta, RefusesAnOutcomeOtherThanPromised) {
    const auto a = random_snapshot(random, 1);
    const auto b = random_snapshot(random, 2);
    auto delta = diff(a, b);
    delta.next_digest[0] ^= 1U;
    CHECK_TRUE(apply(a, delta).error().code == Errc::bad_input);
}

TEST(Delta, SurvivesHostileRules) {
    const auto a = random_snapshot(random, 1);
    auto delta = diff(a, random_snapshot(random, 2));
    delta.rules = a.rules;
    delta.rules->classes.push_back({{4000}, Scope::exclusive});
    CHECK_FALSE(apply(a, delta).has_value());
    delta = diff(a, a);
    delta.next = 2;
    delta.added.push_back({*parse_prefix("192.0.2.1"), 9000});
    CHECK_FALSE(apply(a, delta).has_value());
}
