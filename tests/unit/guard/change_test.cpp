// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/change.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

AddressSets set(std::uint32_t first, std::uint32_t count) {
    AddressSets sets;
    auto& addresses = sets["aim"];
    for (std::uint32_t i = 0; i < count; ++i) addresses.push_back(ipv4(first + i));
    return sets;
}

} // namespace

TEST_GROUP(Change) {
    ChangeBounds bounds{50, 30, 256, 16, std::chrono::minutes{0}};

    std::string why(const AddressSets& before, const AddressSets& after,
                    const std::set<std::string>& learning = {}) {
        const auto holds = check_change(before, after, bounds, learning);
        return holds.empty() ? "free" : holds.front().system + " " + holds.front().reason;
    }
};

TEST(Change, IsFreeForANewSystem) { STRCMP_EQUAL("free", why({}, set(0, 5000)).c_str()); }

TEST(Change, HoldsASetThatEmpties) {
    STRCMP_EQUAL("aim would be empty; 1 addresses before", why(set(0, 1), {}).c_str());
    STRCMP_EQUAL("aim would be empty; 100 addresses before", why(set(0, 100), set(0, 0)).c_str());
    STRCMP_EQUAL("aim would be empty; 1 addresses before", why(set(0, 1), {}, {"aim"}).c_str());
}

TEST(Change, HoldsGrowthPastItsShare) {
    STRCMP_EQUAL("free", why(set(0, 100), set(0, 150)).c_str());
    STRCMP_EQUAL("aim would gain 51 addresses on 100, more than 50 %",
                 why(set(0, 100), set(0, 151)).c_str());
}

TEST(Change, HoldsGrowthPastItsCount) {
    STRCMP_EQUAL("free", why(set(0, 1000), set(0, 1256)).c_str());
    STRCMP_EQUAL("aim would gain 257 addresses, more than 256",
                 why(set(0, 1000), set(0, 1257)).c_str());
}

TEST(Change, HoldsShrinkingPastItsShare) {
    STRCMP_EQUAL("free", why(set(0, 100), set(0, 70)).c_str());
    STRCMP_EQUAL("aim would lose 31 of 100 addresses, more than 30 %",
                 why(set(0, 100), set(0, 69)).c_str());
}

TEST(Change, HoldsAnExchangeOfEqualSize) {
    STRCMP_EQUAL("aim would lose 100 of 100 addresses, more than 30 %",
                 why(set(0, 100), set(1000, 100)).c_str());
}

TEST(Change, LeavesSmallSetsAloneUnlessTheyEmpty) {
    STRCMP_EQUAL("free", why(set(0, 1), set(0, 16)).c_str());
    STRCMP_EQUAL("aim would gain 16 addresses on 1, more than 50 %",
                 why(set(0, 1), set(0, 17)).c_str());
    STRCMP_EQUAL("free", why(set(0, 16), set(15, 1)).c_str());
}

TEST(Change, LetsALearningSystemGrowButNotShrink) {
    STRCMP_EQUAL("free", why(set(0, 100), set(0, 1000), {"aim"}).c_str());
    STRCMP_EQUAL("aim would lose 50 of 100 addresses, more than 30 %",
                 why(set(0, 100), set(0, 50), {"aim"}).c_str());
}

TEST(Change, DoesNotCountWhatTheCatalogListsAnyway) {
    Catalog catalog;
    catalog.systems.resize(1);
    catalog.systems[0].system.id = "aim";
    catalog.systems[0].static_prefixes = {*parse_prefix("64.12.24.0/23"),
                                          *parse_prefix("52.112.0.0/14")};
    SnapshotParts parts;
    parts.systems = {catalog.systems[0].system};
    for (const auto* text : {"64.12.24.0/23", "52.112.0.0/14", "64.12.24.7", "64.12.26.0/31",
                             "255.255.255.255", "2001:67c:4e8::1"})
        parts.listings.push_back({*parse_prefix(text), 0, Scope::exclusive});
    const auto sets = address_sets(parts, catalog);
    const auto& found = sets.at("aim");
    CHECK_EQUAL(4U, found.size());
    STRCMP_EQUAL("64.12.26.0", to_string(found[0]).c_str());
    STRCMP_EQUAL("64.12.26.1", to_string(found[1]).c_str());
    STRCMP_EQUAL("255.255.255.255", to_string(found[2]).c_str());

    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    const auto snapshot = build_snapshot(parts, 1, {}, {});
    CHECK_TRUE(address_sets(*snapshot, catalog) == sets);
}
