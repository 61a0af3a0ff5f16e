// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/tables.hpp"

#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

std::unique_ptr<const Tables> compiled(const Snapshot& snapshot) {
    return std::move(Tables::compile(snapshot).value());
}
Address address(std::string_view text) { return parse_address(text).value(); }

} // namespace

TEST_GROUP(Tables){};

TEST(Tables, KnowsNothingOfAnEmptySnapshot) {
    const auto tables = compiled(snapshot_of({}));
    CHECK_EQUAL(kUnlisted, tables->lookup(address("0.0.0.0")));
    CHECK_EQUAL(kUnlisted, tables->lookup(address("255.255.255.255")));
    CHECK_EQUAL(kUnlisted, tables->lookup(address("::")));
}

TEST(Tables, CarriesItsGeneration) {
    const auto snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    const auto tables = compiled(snapshot);
    CHECK_EQUAL(7U, tables->generation());
}

TEST(Tables, RefusesASnapshotThatBreaksItsInvariants) {
    auto snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    snapshot.entries[0].address_class = 9;
    const auto refused = Tables::compile(snapshot);
    CHECK_FALSE(refused.has_value());
    STRCMP_EQUAL("snapshot: entry 203.0.113.0/24 has no class", refused.error().what.c_str());
}

TEST(Tables, HoldPrefixesOfEveryLength) {
    for (unsigned length = 0; length <= 32; ++length) {
        Prefix made{address("203.0.113.129"), static_cast<std::uint8_t>(length)};
        made.address.value &= ~made.host_mask();
        const auto tables = compiled(snapshot_of({{to_string(made), 0}}));
        CHECK_EQUAL(kFirstClass, tables->lookup(made.first()));
        CHECK_EQUAL(kFirstClass, tables->lookup(made.last()));
        if (length == 0) continue;
        CHECK_EQUAL(kUnlisted, tables->lookup(Address{Family::ipv4, made.first().value - 1}));
        CHECK_EQUAL(kUnlisted, tables->lookup(Address{Family::ipv4, made.last().value + 1}));
    }
    for (unsigned length = 0; length <= 128; ++length) {
        Prefix made{address("2001:db8:aaaa:5555:aaaa:5555:aaaa:5555"),
                    static_cast<std::uint8_t>(length)};
        made.address.value &= ~made.host_mask();
        const auto tables = compiled(snapshot_of({{to_string(made), 0}}));
        CHECK_EQUAL(kFirstClass, tables->lookup(made.first()));
        CHECK_EQUAL(kFirstClass, tables->lookup(made.last()));
        if (length == 0) continue;
        CHECK_EQUAL(kUnlisted, tables->lookup(Address{Family::ipv6, made.first().value - 1}));
        CHECK_EQUAL(kUnlisted, tables->lookup(Address{Family::ipv6, made.last().value + 1}));
    }
}

TEST(Tables, AreBuiltIntoAnArenaThatWasUsedBefore) {
    RandomSnapshots random(3);
    const auto arena = std::make_shared<Arena>();
    for (int round = 0; round < 50; ++round) {
        const auto snapshot = random.next();
        const auto fresh = compiled(snapshot);
        const auto again = std::move(Tables::compile(snapshot, arena).value());
        for (int i = 0; i < 200; ++i) {
            const auto address = random.address();
            CHECK_EQUAL(fresh->lookup(address), again->lookup(address));
        }
    }
}

TEST(Tables, StayWithinTheirMemoryAt100kHosts) {
    Snapshot snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    snapshot.entries.clear();
    for (std::uint32_t i = 0; i < 100'000; ++i) // scattered, ascending
        snapshot.entries.push_back({host(ipv4(i * 42'949U + i % 7)), 0});
    const auto tables = compiled(snapshot);
    CHECK_TRUE(tables->memory_bytes() <= 14 * 100'000);
}

TEST(Tables, AnswerAProbe) {
    const auto tables = compiled(snapshot_of(
        {{"203.0.113.0/24", 1}, {"203.0.113.0/24", 2, Scope::shared}, {"198.51.100.1/32", 0}},
        {"198.51.100.0/24"}));
    const auto listed = tables->probe(address("203.0.113.5"));
    CHECK_TRUE(listed.listed);
    CHECK_TRUE(listed.scope == Scope::shared);
    CHECK_EQUAL(2U, listed.systems.size());
    STRCMP_EQUAL("irc", listed.systems[0].c_str());
    CHECK_TRUE(listed.action == Action::reject);
    CHECK_EQUAL(7U, listed.generation);

    CHECK_TRUE(tables->probe(address("198.51.100.1")).allowed);
    CHECK_FALSE(tables->probe(address("198.51.100.1")).listed);
    CHECK_FALSE(tables->probe(address("192.0.2.1")).listed);
}
