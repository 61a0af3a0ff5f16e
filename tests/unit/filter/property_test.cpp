// SPDX-License-Identifier: Apache-2.0
// Law: whatever the snapshot and the flow, the filter says what the reference model says.
#include <array>

#include "controlplane/model/judge.hpp"
#include "dataplane/filter/judge.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

Parsed random_packet(RandomSnapshots& random, const Snapshot& snapshot) {
    const auto near_an_entry = [&]() -> Address {
        if (snapshot.entries.empty() || random.one_in(3)) return random.address();
        const auto& entry = snapshot.entries[random.below(snapshot.entries.size())].prefix;
        auto end = random.one_in(2) ? entry.first() : entry.last();
        const auto limit = end.family == Family::ipv4 ? Uint128{0xFFFFFFFFU} : ~Uint128{0};
        end.value = (end.value + random.below(3) - 1) & limit;
        return end;
    };
    auto source = near_an_entry();
    auto destination = near_an_entry();
    while (destination.family != source.family) destination = near_an_entry();
    if (random.one_in(2)) std::swap(source, destination);

    constexpr std::array<std::uint8_t, 5> kProtocols{6, 17, 132, 1, 50};
    Parsed parsed;
    parsed.kind = source.family == Family::ipv4 ? Kind::ipv4 : Kind::ipv6;
    parsed.source = source.value;
    parsed.destination = destination.value;
    parsed.protocol = kProtocols[random.below(kProtocols.size())];
    parsed.has_ports = parsed.protocol != 1 && parsed.protocol != 50 && !random.one_in(5);
    if (!parsed.has_ports) return parsed;
    parsed.source_port = static_cast<std::uint16_t>(random.below(8));
    parsed.destination_port = static_cast<std::uint16_t>(random.below(8));
    return parsed;
}

} // namespace

TEST_GROUP(FilterLaw){};

TEST(FilterLaw, EqualsTheReferenceOnRandomSnapshotsAndFlows) {
    RandomSnapshots random(20261122);
    std::array<std::size_t, 6> seen{}; // by action: the test is worth nothing without hits
    for (int round = 0; round < 300; ++round) {
        const auto snapshot = random.next();
        const auto tables = Tables::compile(snapshot);
        CHECK_TRUE(tables.has_value());
        for (int i = 0; i < 300; ++i) {
            const auto parsed = random_packet(random, snapshot);
            const auto expected = sweepgate::judge(snapshot, to_flow(parsed));
            CHECK_EQUAL(expected, judge(**tables, parsed));
            ++seen[expected.allowed ? 0 : static_cast<std::size_t>(expected.action)];
        }
    }
    for (const auto count : seen) CHECK_TRUE(count > 1000);
}

TEST(FilterLaw, FindsTheClassTheReferenceFinds) {
    RandomSnapshots random(7);
    for (int round = 0; round < 200; ++round) {
        const auto snapshot = random.next();
        const auto tables = Tables::compile(snapshot);
        for (int i = 0; i < 300; ++i) {
            const auto address = random.address();
            const auto* entry = find_entry(snapshot, address);
            const auto expected = is_allowed(snapshot, address) ? kAllowed
                                  : entry == nullptr
                                      ? kUnlisted
                                      : static_cast<ClassId>(entry->address_class + kFirstClass);
            CHECK_EQUAL(expected, (*tables)->lookup(address));
        }
    }
}
