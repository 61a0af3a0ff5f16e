// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/snapshot.hpp"

#include "tests/unit/model/random_snapshot.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

Prefix prefix(const char* text) { return *parse_prefix(text); }

SnapshotParts two_systems() {
    SnapshotParts parts;
    parts.systems = {{"telegram", "Telegram", "im", {{Transport::tcp, 5222, 5222}}, {}},
                     {"irc", "IRC", "irc", {{Transport::tcp, 6660, 6669}}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::reject, Action::drop}};
    return parts;
}

Result<Snapshot> build(SnapshotParts parts) { return build_snapshot(std::move(parts), 1, {}, {}); }

} // namespace

TEST_GROUP(Snapshot){};

TEST(Snapshot, SortsSystemsAndCarriesActionsAlong) {
    const auto snapshot = build(two_systems());
    CHECK_TRUE(snapshot.has_value());
    STRCMP_EQUAL("irc", snapshot->rules.systems[0].id.c_str());
    CHECK_TRUE(snapshot->rules.actions[0][0] == Action::drop);
    CHECK_TRUE(snapshot->rules.actions[0][1] == Action::reject);
}

TEST(Snapshot, FlattensAnOverlapIntoTheUnionOfItsSystems) {
    auto parts = two_systems();
    parts.listings = {{prefix("203.0.113.0/24"), 0, Scope::exclusive},
                      {prefix("203.0.113.9/32"), 1, Scope::exclusive}};
    const auto snapshot = build(std::move(parts));
    CHECK_TRUE(snapshot.has_value());
    CHECK_EQUAL(9U, snapshot->entries.size());
    const auto* inside = find_entry(*snapshot, *parse_address("203.0.113.9"));
    const auto* beside = find_entry(*snapshot, *parse_address("203.0.113.10"));
    CHECK_EQUAL(2U, snapshot->rules.classes[inside->address_class].systems.size());
    CHECK_EQUAL(1U, snapshot->rules.classes[beside->address_class].systems.size());
    POINTERS_EQUAL(nullptr, find_entry(*snapshot, *parse_address("203.0.114.0")));
}

TEST(Snapshot, SharedWinsWhereListingsOverlap) {
    auto parts = two_systems();
    parts.listings = {{prefix("203.0.113.9/32"), 0, Scope::exclusive},
                      {prefix("203.0.113.9/32"), 1, Scope::shared}};
    const auto snapshot = build(std::move(parts));
    CHECK_TRUE(snapshot->rules.classes[0].scope == Scope::shared);
}

TEST(Snapshot, HoldsTheEndsOfBothAddressLines) {
    auto parts = two_systems();
    for (const auto* text : {"0.0.0.0/32", "255.255.255.255/32", "::/128",
                             "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"})
        parts.listings.push_back({prefix(text), 0, Scope::exclusive});
    const auto snapshot = build(std::move(parts));
    CHECK_TRUE(snapshot.has_value());
    CHECK_EQUAL(4U, snapshot->entries.size());
}

TEST(Snapshot, CannotBeBuiltWithASanctionedAddressInsideABlockedPrefix) {
    auto parts = two_systems();
    parts.listings = {{prefix("203.0.113.0/24"), 0, Scope::exclusive}};
    parts.sanctioned = {prefix("203.0.113.80/32")};
    const auto snapshot = build(parts);
    CHECK_FALSE(snapshot.has_value());
    STRCMP_EQUAL("listing 203.0.113.0/24 of telegram covers the sanctioned 203.0.113.80/32, which "
                 "is not allowed first",
                 build(parts).error().what.c_str());
    parts.allow = {prefix("203.0.113.80/31")};
    CHECK_TRUE(build(parts).has_value());
}

TEST(Snapshot, RefusesASourceInTwoGroups) {
    auto parts = two_systems();
    parts.groups.push_back({"staff", {prefix("192.0.2.0/24")}});
    parts.groups.push_back({"guests", {prefix("192.0.2.0/24")}});
    parts.actions.resize(3, parts.actions[0]);
    STRCMP_EQUAL("source 192.0.2.0/24 is in two groups", build(parts).error().what.c_str());
}

TEST(Snapshot, RefusesABadSystemId) {
    auto parts = two_systems();
    parts.systems[0].id = "Tele gram";
    STRCMP_EQUAL("'Tele gram' is not a system id", build(parts).error().what.c_str());
}

TEST(Snapshot, ValidateRefusesOverlapDisorderAndUnknownClasses) {
    auto parts = two_systems();
    parts.listings = {{prefix("203.0.113.0/25"), 0, Scope::exclusive},
                      {prefix("203.0.113.128/25"), 1, Scope::exclusive}};
    const auto good = *build(parts);
    CHECK_TRUE(validate(good).has_value());

    auto bad = good;
    std::swap(bad.entries[0], bad.entries[1]);
    CHECK_FALSE(validate(bad).has_value());
    bad = good;
    bad.entries[0].prefix = prefix("203.0.113.0/24");
    CHECK_FALSE(validate(bad).has_value());
    bad = good;
    bad.entries[0].address_class = 7;
    CHECK_FALSE(validate(bad).has_value());
    bad = good;
    bad.entries[0].prefix.address.value |= 1;
    CHECK_FALSE(validate(bad).has_value());
    bad = good;
    bad.rules.actions[0].pop_back();
    CHECK_FALSE(validate(bad).has_value());
    bad = good;
    bad.rules.classes[0].systems = {9};
    CHECK_FALSE(validate(bad).has_value());
}

TEST(Snapshot, DigestIgnoresNumberAndTimeAndNothingElse) {
    auto parts = two_systems();
    parts.listings = {{prefix("203.0.113.0/25"), 0, Scope::exclusive}};
    const auto first = *build(parts);
    auto renumbered = first;
    renumbered.generation = 99;
    renumbered.issued_at += std::chrono::hours(1);
    CHECK_TRUE(digest_of(first) == digest_of(renumbered));

    auto changed = first;
    changed.rules.actions[0][0] = Action::monitor;
    CHECK_FALSE(digest_of(first) == digest_of(changed));
    changed = first;
    changed.entries.pop_back();
    CHECK_FALSE(digest_of(first) == digest_of(changed));
    changed = first;
    changed.rules.systems[0].name += "x";
    CHECK_FALSE(digest_of(first) == digest_of(changed));
    changed = first;
    changed.rules.inspect_tunnels = true;
    CHECK_FALSE(digest_of(first) == digest_of(changed));
}

TEST(Snapshot, FlatteningAgreesWithAskingEveryListing) {
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        auto parts = testing::random_parts(random);
        const auto listings = parts.listings; // random systems are sorted by id already
        const auto snapshot = build(std::move(parts));
        CHECK_TRUE(snapshot.has_value());
        for (int draw = 0; draw < 100; ++draw) {
            const auto address =
                testing::random_address(random, draw % 2 == 0 ? Family::ipv4 : Family::ipv6);
            AddressClass expected;
            for (const auto& listing : listings)
                if (listing.prefix.contains(address)) {
                    expected.systems.push_back(listing.system);
                    if (listing.scope == Scope::shared) expected.scope = Scope::shared;
                }
            std::sort(expected.systems.begin(), expected.systems.end());
            expected.systems.erase(std::unique(expected.systems.begin(), expected.systems.end()),
                                   expected.systems.end());
            const auto* entry = find_entry(*snapshot, address);
            CHECK_EQUAL(expected.systems.empty(), entry == nullptr);
            if (entry != nullptr)
                CHECK_TRUE(snapshot->rules.classes[entry->address_class] == expected);
        }
    }
}

TEST(Snapshot, HasARateForWhatIsLimited) {
    SnapshotParts parts;
    parts.systems = {{"irc", "IRC", "irc", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    const auto with = [&](Action action, std::uint32_t rate) {
        parts.actions[0][0] = action;
        parts.systems[0].packets_per_second = rate;
        return build_snapshot(parts, 1, {}, {});
    };
    const auto plain = with(Action::drop, 0).value();
    const auto rated = with(Action::limit, 20).value();
    CHECK_TRUE(is_limited(rated.rules, 0));
    CHECK_FALSE(limits_anything(plain.rules));
    CHECK_FALSE(digest_of(rated) == digest_of(with(Action::limit, 21).value()));
    CHECK_FALSE(digest_of(plain) == digest_of(with(Action::drop, 20).value()));
    CHECK_TRUE(with(Action::limit, 1'000'000).has_value());
    STRCMP_CONTAINS("irc is limited to 0 packets/s", with(Action::limit, 0).error().what.c_str());
    CHECK_FALSE(with(Action::drop, 1'000'001).has_value());
    parts.schedules = {{"night", 1, 0, 60, Clock::utc, {{Action::limit}}}};
    CHECK_FALSE(with(Action::drop, 0).has_value()); // at night it needs one
    CHECK_TRUE(is_limited(with(Action::drop, 7).value().rules, 0));
}
