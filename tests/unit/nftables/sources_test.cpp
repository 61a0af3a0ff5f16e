// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/sources.hpp"

#include <random>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;

namespace {

Ruleset groups(const std::vector<std::vector<const char*>>& sources) {
    Ruleset rules;
    rules.groups.push_back({"everyone", {}});
    for (const auto& list : sources) {
        rules.groups.push_back({"g", {}});
        for (const auto* text : list) rules.groups.back().sources.push_back(*parse_prefix(text));
    }
    return rules;
}

GroupIndex group_in(const std::vector<GroupRange>& ranges, const Address& address) {
    for (const auto& [range, group] : ranges)
        if (range.first.family == address.family && range.first <= address && address <= range.last)
            return group;
    return kEveryone;
}

} // namespace

TEST_GROUP(Sources){};

TEST(Sources, OfANarrowerGroupCutAHole) {
    const auto flat = flatten_sources(groups({{"10.0.0.0/8"}, {"10.1.0.0/16"}}));
    CHECK_EQUAL(3U, flat.size());
    CHECK_EQUAL(2U, flat[1].group);
    STRCMP_EQUAL("10.0.255.255", to_string(flat[0].range.last).c_str());
    STRCMP_EQUAL("10.2.0.0", to_string(flat[2].range.first).c_str());
}

TEST(Sources, ReachTheEndOfTheFamily) {
    const auto flat = flatten_sources(
        groups({{"0.0.0.0/0", "::/0"}, {"255.255.255.255/32", "ffff::/16"}, {"0.0.0.0/32"}}));
    CHECK_EQUAL(5U, flat.size());
    CHECK_EQUAL(3U, flat[0].group);
    CHECK_EQUAL(2U, flat[2].group);
    CHECK_EQUAL(2U, flat[4].group);
}

TEST(Sources, AreNothingWithoutGroups) { CHECK_TRUE(flatten_sources(groups({})).empty()); }

TEST(Sources, AgreeWithTheLongestPrefixOverRandomGroups) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        auto rules = groups({{}, {}, {}});
        for (int i = 0; i < 12; ++i) {
            const auto length = static_cast<std::uint8_t>(random() % 9);
            Prefix prefix{{Family::ipv4, Uint128{random() % 256} << 24U}, length};
            prefix.address.value &= ~prefix.host_mask();
            bool known = false;
            for (const auto& group : rules.groups)
                for (const auto& source : group.sources) known = known || source == prefix;
            if (!known) rules.groups[1 + random() % 3].sources.push_back(prefix);
        }
        const auto flat = flatten_sources(rules);
        for (std::uint32_t top = 0; top < 256; ++top)
            for (const auto low : {0U, 0xFFFFFFU}) {
                const auto address = ipv4((top << 24U) | low);
                CHECK_EQUAL(group_of(rules, address), group_in(flat, address));
            }
    }
}
