// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/envelope.hpp"

#include <algorithm>

#include "tests/unit/model/random_snapshot.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;
using sweepgate::testing::random_snapshot;

TEST_GROUP(Envelope) {
    std::mt19937 random{11};
    SigningKey key = SigningKey::generate();
    std::vector<VerifyKey> keys{key.verify_key()};

    Snapshot made(Generation generation) {
        auto snapshot = random_snapshot(random, generation);
        snapshot.issued_at = Instant(std::chrono::seconds(1'700'000'000));
        snapshot.expires_at = snapshot.issued_at + std::chrono::hours(1);
        return snapshot;
    }
    /// Of the first schema: without tunnels, schedules and limits.
    Snapshot plain_one(Generation generation) {
        auto snapshot = made(generation);
        snapshot.rules.inspect_tunnels = false;
        snapshot.rules.schedules.clear();
        for (auto& row : snapshot.rules.actions)
            std::replace(row.begin(), row.end(), Action::limit, Action::drop);
        return snapshot;
    }
};

TEST(Envelope, GivesBackEverySnapshot) {
    for (Generation generation = 1; generation < 200; ++generation) {
        const auto snapshot = made(generation);
        const auto opened = open_snapshot(seal_snapshot(snapshot, key).value(), keys);
        CHECK_TRUE(opened.has_value());
        CHECK_TRUE(*opened == snapshot);
    }
}

TEST(Envelope, GivesBackEveryDelta) {
    for (Generation generation = 1; generation < 200; ++generation) {
        const auto delta = diff(made(generation), made(generation + 1));
        const auto opened = open_delta(seal_delta(delta, key).value(), keys);
        CHECK_TRUE(opened.has_value());
        CHECK_TRUE(*opened == delta);
    }
}

TEST(Envelope, GivesBackTheEndsOfBothFamilies) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    for (const auto* text : {"0.0.0.0/32", "255.255.255.255/32", "::/128", "8000::/1",
                             "2001:db8::/64", "2001:db8:1::/65", "2001:db8:2:0:8000::/65",
                             "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"})
        parts.listings.push_back({parse_prefix(text).value(), 0, Scope::exclusive});
    const auto snapshot = build_snapshot(parts, 1, {}, {}).value();
    CHECK_TRUE(*open_snapshot(seal_snapshot(snapshot, key).value(), keys) == snapshot);
    parts.listings = {{parse_prefix("0.0.0.0/0").value(), 0, Scope::exclusive},
                      {parse_prefix("::/0").value(), 0, Scope::exclusive}};
    const auto everything = build_snapshot(parts, 2, {}, {}).value();
    CHECK_TRUE(*open_snapshot(seal_snapshot(everything, key).value(), keys) == everything);
}

TEST(Envelope, AsksForAReaderThatKnowsTunnelsOnlyWhenTheyAreInspected) {
    const auto plain = plain_one(1);
    auto inspecting = plain;
    inspecting.generation = 2;
    inspecting.rules.inspect_tunnels = true;
    const auto needs = [&](const std::string& sealed) {
        return open_statement(sealed, keys)->minimum_schema;
    };
    CHECK_EQUAL(1, needs(seal_snapshot(plain, key).value()));
    CHECK_EQUAL(2, needs(seal_snapshot(inspecting, key).value()));
    CHECK_EQUAL(2, needs(seal_delta(diff(plain, inspecting), key).value()));
    auto after = plain;
    after.generation = 3;
    CHECK_EQUAL(1, needs(seal_delta(diff(inspecting, after), key).value()));
    after.rules.inspect_tunnels = true;
    const auto unchanged = seal_delta(diff(inspecting, after), key).value();
    CHECK_EQUAL(1, needs(unchanged)); // carries no rules; whoever holds the base knows them
    CHECK_TRUE(*open_chain(seal_snapshot(inspecting, key).value() + unchanged, keys) == after);
}

TEST(Envelope, AsksForAReaderThatKnowsSchedulesOnlyWhereThereAreAny) {
    auto plain = plain_one(1);
    plain.rules.inspect_tunnels = true;
    auto timed = plain;
    timed.generation = 2;
    timed.rules.schedules = {{"night", 0x1F, 1320, 360, Clock::utc, {}}};
    for (const auto& row : plain.rules.actions)
        timed.rules.schedules[0].actions.emplace_back(row.size(), Action::reject);
    timed.rules.schedules[0].actions[0][0].reset();
    CHECK_EQUAL(2, open_statement(seal_snapshot(plain, key).value(), keys)->minimum_schema);
    const auto sealed = seal_snapshot(timed, key).value();
    CHECK_EQUAL(3, open_statement(sealed, keys)->minimum_schema);
    CHECK_TRUE(*open_snapshot(sealed, keys) == timed);
}

TEST(Envelope, IsRefusedWithAnyByteFlipped) {
    const auto sealed = seal_snapshot(made(1), key).value();
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto flipped = sealed;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        CHECK_FALSE(open_snapshot(flipped, keys).has_value());
    }
}

TEST(Envelope, IsRefusedCutAnywhereOrExtended) {
    const auto sealed = seal_delta(diff(made(1), made(2)), key).value();
    for (std::size_t size = 0; size < sealed.size(); ++size)
        CHECK_FALSE(open_delta(sealed.substr(0, size), keys).has_value());
    CHECK_FALSE(open_delta(sealed + '\0', keys).has_value());
    CHECK_FALSE(links_of(seal_snapshot(made(1), key).value() + "x").has_value());
}

TEST(Envelope, IsRefusedFromAnotherKeyAndAcceptedFromEitherDuringRotation) {
    const auto next = SigningKey::generate();
    const auto sealed = seal_snapshot(made(1), next).value();
    const auto refused = open_snapshot(sealed, keys);
    CHECK_TRUE(refused.error().code == Errc::refused);
    CHECK_FALSE(open_snapshot(sealed, {}).has_value());
    keys.push_back(next.verify_key());
    CHECK_TRUE(open_snapshot(sealed, keys).has_value());
}

TEST(Envelope, OfOneKindIsNotOpenedAsTheOther) {
    CHECK_FALSE(open_delta(seal_snapshot(made(1), key).value(), keys).has_value());
    CHECK_FALSE(open_snapshot(seal_delta(diff(made(1), made(2)), key).value(), keys).has_value());
}

TEST(Envelope, IsNotSealedForWhatValidationRefuses) {
    auto snapshot = made(1);
    snapshot.rules.actions.clear();
    CHECK_TRUE(seal_snapshot(snapshot, key).error().code == Errc::bad_input);
    CHECK_FALSE(seal_snapshot(made(0), key).has_value());
    CHECK_FALSE(seal_delta(diff(made(2), made(1)), key).has_value());
}

TEST(Envelope, ChainLeadsToTheNewestSnapshot) {
    auto newest = made(1);
    auto chain = seal_snapshot(newest, key).value();
    for (Generation generation = 2; generation < 10; ++generation) {
        const auto next = made(generation);
        chain += seal_delta(diff(newest, next), key).value();
        newest = next;
    }
    CHECK_TRUE(*open_chain(chain, keys) == newest);
    LONGS_EQUAL(9, links_of(chain)->size());
}

TEST(Envelope, FrontOfADamagedChainIsWhatStillOpens) {
    auto newest = made(1);
    std::vector<std::string> links{seal_snapshot(newest, key).value()};
    for (Generation generation = 2; generation < 5; ++generation) {
        const auto next = made(generation);
        links.push_back(seal_delta(diff(newest, next), key).value());
        newest = next;
    }
    std::string chain;
    for (const auto& link : links) chain += link;
    CHECK_TRUE(intact_front(chain, keys) == chain);
    const auto without_last = chain.substr(0, chain.size() - links.back().size());
    CHECK_TRUE(intact_front(chain.substr(0, chain.size() - 1), keys) == without_last);
    auto flipped = chain;
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    CHECK_TRUE(intact_front(flipped, keys) == without_last);
    CHECK_TRUE(open_chain(without_last, keys)->generation == 3);
    flipped.front() = static_cast<char>(flipped.front() ^ 1);
    CHECK_TRUE(intact_front(flipped, keys).empty());
    CHECK_TRUE(intact_front("", keys).empty());
    CHECK_TRUE(intact_front(chain, {}).empty());
}

TEST(Envelope, ChainWithAHoleOrTooManyLinksIsRefused) {
    const auto one = made(1);
    const auto two = made(2);
    const auto three = made(3);
    const auto first = seal_snapshot(one, key).value();
    const auto gap = seal_delta(diff(two, three), key).value();
    CHECK_TRUE(open_chain(first + gap, keys).error().code == Errc::stale_generation);
    auto chain = first;
    for (std::size_t i = 0; i < kMaxChainLinks; ++i) chain += gap;
    CHECK_TRUE(links_of(chain).error().code == Errc::bad_input);
    CHECK_FALSE(open_chain("", keys).has_value());
    CHECK_FALSE(open_chain(gap, keys).has_value());
}

TEST(Envelope, OfAHundredThousandHostsTakesThreeBytesEach) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    for (unsigned i = 0; i < 100'000; ++i)
        parts.listings.push_back(
            {host(ipv4(0x0B000000U + i * 131U + static_cast<unsigned>(random() % 100U))), 0,
             Scope::exclusive});
    const auto sealed = seal_snapshot(build_snapshot(parts, 1, {}, {}).value(), key).value();
    CHECK_TRUE(sealed.size() < 300'000);
}

TEST(Envelope, AsksForAReaderThatKnowsLimitsOnlyWhereThereAreAny) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {}, {}, 20}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    const auto plain = build_snapshot(parts, 1, {}, {}).value();
    CHECK_EQUAL(1, open_statement(seal_snapshot(plain, key).value(), keys)->minimum_schema);
    parts.actions = {{Action::limit}};
    const auto limiting = build_snapshot(parts, 2, {}, {}).value();
    const auto sealed = seal_snapshot(limiting, key).value();
    CHECK_EQUAL(3, open_statement(sealed, keys)->minimum_schema);
    CHECK_TRUE(*open_snapshot(sealed, keys) == limiting);
    CHECK_EQUAL(
        3, open_statement(seal_delta(diff(plain, limiting), key).value(), keys)->minimum_schema);
}
