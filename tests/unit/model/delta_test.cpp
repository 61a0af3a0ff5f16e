// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/delta.hpp"

#include <algorithm>

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

namespace {

/// Hosts and /30s in one /16, under rules that two systems share.
class Listings {
public:
    explicit Listings(std::mt19937& random) : random_(random) {
        parts_.systems = {{"irc", "IRC", "irc", {}, {}}, {"msn", "MSN", "im", {}, {}}};
        parts_.groups = {{"everyone", {}}};
        parts_.actions = {{Action::drop, Action::drop}};
        for (int i = 0; i < 300; ++i) add();
    }
    /// Some go, some come, some change their class; now and then a class comes or goes.
    Snapshot next(Generation generation) {
        for (auto i = random_() % 30; i > 0 && !parts_.listings.empty(); --i)
            parts_.listings.erase(parts_.listings.begin() +
                                  static_cast<std::ptrdiff_t>(random_() % parts_.listings.size()));
        for (auto i = random_() % 30; i > 0; --i) add();
        return build_snapshot(parts_, generation, {}, {}).value();
    }

private:
    void add() {
        const bool is_host = random_() % 4 != 0;
        const auto low = static_cast<std::uint32_t>(random_() & 0xFFFFU);
        const bool is_shared = random_() % 100 == 0;
        parts_.listings.push_back({{ipv4(0xC6330000U | (is_host ? low : low & ~3U)),
                                    static_cast<std::uint8_t>(is_host ? 32 : 30)},
                                   static_cast<SystemIndex>(random_() % 2),
                                   is_shared ? Scope::shared : Scope::exclusive});
    }
    std::mt19937& random_;
    SnapshotParts parts_;
};

} // namespace

TEST(Delta, StepByStepHoldsWhatIsBuiltFromScratch) {
    Listings listings(random);
    auto held = listings.next(1);
    auto digest = digest_of(held);
    std::vector<Entry> storage; // of the one before, as a holder keeps it
    for (Generation generation = 2; generation < 1000; ++generation) {
        const auto built = listings.next(generation);
        const auto delta = diff(held, built);
        auto arrived = apply(held, digest, delta, std::move(storage));
        CHECK_TRUE(arrived.has_value());
        CHECK_TRUE(*arrived == built);
        CHECK_TRUE(validate(*arrived).has_value());
        storage = std::move(held.entries);
        held = std::move(*arrived);
        digest = delta.next_digest;
    }
}

TEST(Delta, ForgetsWhatLiesInItsStorage) {
    Listings listings(random);
    const auto from = listings.next(1);
    const auto to = listings.next(2);
    const auto arrived = apply(from, digest_of(from), diff(from, to), {5000, from.entries.front()});
    CHECK_TRUE(*arrived == to);
}

TEST_GROUP(HostileDelta) {
    std::mt19937 random{5};
    Snapshot held = Listings(random).next(1);
    Delta delta;

    void setup() override {
        delta = diff(held, held);
        delta.next = 2;
    }
    /// The digest is right: what is refused is the outcome itself. `entries` is that outcome.
    std::string refusal(const std::vector<Entry>& entries) {
        auto outcome = held;
        outcome.entries = entries;
        delta.next_digest = digest_of(outcome);
        const auto arrived = apply(held, delta);
        CHECK_FALSE(arrived.has_value());
        CHECK_TRUE(arrived.error().code == Errc::bad_input);
        return arrived.error().what;
    }
    std::string refusal_of(const Entry& entry) {
        delta.added = {entry};
        auto entries = held.entries;
        entries.insert(std::ranges::upper_bound(entries, entry), entry);
        auto outcome = held;
        outcome.entries = entries;
        CHECK_FALSE(validate(outcome).has_value()); // as by a check of all of it
        return refusal(entries);
    }
};

TEST(HostileDelta, AddsNothingTwice) {
    for (const auto& entry : {held.entries.front(), held.entries[100], held.entries.back()})
        STRCMP_CONTAINS("overlaps or precedes", refusal_of(entry).c_str());
}

TEST(HostileDelta, AddsNothingAroundOrInsideOfWhatIsHeld) {
    const auto& some = held.entries[100].prefix.address;
    const Prefix around{{some.family, some.value & ~Uint128{0xFF}}, 24};
    STRCMP_CONTAINS("overlaps or precedes", refusal_of({around, 0}).c_str());
    const auto wide = std::ranges::find(
        held.entries, 30, [](const Entry& entry) { return static_cast<int>(entry.prefix.length); });
    CHECK_TRUE(wide != held.entries.end());
    auto inside = wide->prefix.address;
    ++inside.value;
    STRCMP_CONTAINS("overlaps or precedes", refusal_of({host(inside), 0}).c_str());
}

TEST(HostileDelta, AddsNoPrefixThatIsNone) {
    for (const auto& prefix : {Prefix{ipv4(0xCB007101), 24}, Prefix{ipv4(0xCB007101), 33},
                               Prefix{{Family::ipv4, Uint128{1} << 40U}, 32}})
        STRCMP_CONTAINS("has host bits or a bad length", refusal_of({prefix, 0}).c_str());
}

TEST(HostileDelta, AddsNoClassThatIsNone) {
    const auto classes = static_cast<ClassIndex>(held.rules.classes.size());
    STRCMP_CONTAINS("has no class", refusal_of({host(ipv4(0xCB007101)), classes}).c_str());
}

TEST(HostileDelta, RemovesOnlyWhatIsHeldAndInOrder) {
    delta.removed = {host(ipv4(0xCB007101))};
    STRCMP_CONTAINS("is not held", refusal(held.entries).c_str());
    auto shorter = held.entries[7].prefix;
    --shorter.length;
    delta.removed = {shorter};
    STRCMP_CONTAINS("is not held", refusal(held.entries).c_str());
    delta.removed = {held.entries[9].prefix, held.entries[8].prefix};
    STRCMP_CONTAINS("is not held", refusal(held.entries).c_str());
    delta.removed = {held.entries[9].prefix, held.entries[9].prefix};
    STRCMP_CONTAINS("is not held", refusal(held.entries).c_str());
}

TEST(HostileDelta, AddsInOrder) {
    delta.added = {{host(ipv4(0xCB007102)), 0}, {host(ipv4(0xCB007101)), 0}};
    STRCMP_CONTAINS("overlaps or precedes", refusal(held.entries).c_str());
}

TEST(HostileDelta, TakesNoClassFromWhatStays) {
    auto rules = held.rules;
    rules.classes.erase(rules.classes.begin());
    delta.rules = rules;
    STRCMP_CONTAINS("loses its class", refusal(held.entries).c_str());
}
