// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/reach.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string numbered(int i, const char* rest) { return std::to_string(i) + rest; }

} // namespace

TEST_GROUP(ReachOfAChange) {
    ChangeBounds bounds;
    SnapshotParts parts;

    void setup() override {
        System irc;
        irc.id = "irc";
        irc.ports = {{Transport::tcp, 6667, 6697}};
        parts.systems = {irc};
        parts.groups = {{"everyone", {}}, {"guests", {*parse_prefix("192.0.2.0/24")}}};
        parts.actions = {{Action::drop}, {Action::drop}};
    }
    Snapshot listing(const std::vector<std::string>& prefixes, Scope scope = Scope::exclusive) {
        parts.listings.clear();
        for (const auto& text : prefixes) parts.listings.push_back({*parse_prefix(text), 0, scope});
        return build_snapshot(parts, 1, {}, {}).value();
    }
    std::string told(const Snapshot& from, const Snapshot& to) const {
        const auto reach = reach_of(from, to);
        auto text = words_of(reach);
        for (const auto& each : excesses(reach, bounds)) text += "; " + each;
        return text;
    }
    static std::vector<std::string> hosts(int count, int step = 2) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i)
            all.push_back(to_string(ipv4(0x2D000000U + static_cast<std::uint32_t>(step * i))));
        return all;
    }
};

TEST(ReachOfAChange, IsNoneOfNone) {
    const auto one = listing({"45.0.0.0/24"});
    STRCMP_EQUAL("opens nothing, shuts nothing", told(one, one).c_str());
}

TEST(ReachOfAChange, CountsWhatOpensAndWhatShuts) {
    const auto before = listing({"45.0.0.0/24", "45.1.0.0/24", "45.2.0.0/24"});
    STRCMP_EQUAL("opens 1 of 3 prefixes, shuts 1",
                 told(before, listing({"45.0.0.0/24", "45.1.0.0/24", "45.3.0.0/24"})).c_str());
    // Part of a prefix counts, and is told to be a part.
    STRCMP_EQUAL("opens 1 of 3 prefixes (1 in part), shuts nothing",
                 told(before, listing({"45.0.0.0/24", "45.1.0.0/25", "45.2.0.0/24"})).c_str());
}

TEST(ReachOfAChange, CountsAServerBehindNat64Once) {
    const std::vector<Prefix> nat64{*parse_prefix("64:ff9b::/96")};
    const auto before = listing({"45.0.0.0/24", "64:ff9b::2d00:0/120"});
    const auto now = listing({"45.0.0.1", "64:ff9b::2d00:1"});
    STRCMP_EQUAL("opens 1 of 1 prefixes (1 in part), shuts nothing",
                 words_of(reach_of(before, now, nat64)).c_str());
    // What is translated from now on is a change of its own.
    STRCMP_EQUAL("opens nothing, shuts 1",
                 words_of(reach_of(listing({"45.0.0.0/24"}), before)).c_str());
}

TEST(ReachOfAChange, OpensByAMilderActionAsWell) {
    const auto before = listing({"45.0.0.0/24"});
    for (const auto action : {Action::pass, Action::monitor, Action::limit}) {
        parts.systems[0].packets_per_second = action == Action::limit ? 10 : 0;
        parts.actions = {{action}, {Action::drop}};
        STRCMP_EQUAL("opens 1 of 1 prefixes, shuts nothing",
                     told(before, listing({"45.0.0.0/24"})).c_str());
        parts.actions = {{Action::drop}, {action}}; // for one group only
        STRCMP_EQUAL("opens 1 of 1 prefixes, shuts nothing",
                     told(before, listing({"45.0.0.0/24"})).c_str());
    }
    parts.systems[0].packets_per_second = 0;
    parts.actions = {{Action::reject}, {Action::drop}};
    STRCMP_EQUAL("opens nothing, shuts nothing", told(before, listing({"45.0.0.0/24"})).c_str());
}

TEST(ReachOfAChange, OpensByANewScopeByAnAllowanceAndAtSomeHours) {
    const auto before = listing({"45.0.0.0/24"});
    STRCMP_EQUAL("opens 1 of 1 prefixes, shuts nothing",
                 told(before, listing({"45.0.0.0/24"}, Scope::shared)).c_str());
    parts.allow = {*parse_prefix("45.0.0.7")};
    STRCMP_EQUAL("opens 1 of 1 prefixes (1 in part), shuts nothing",
                 told(before, listing({"45.0.0.0/24"})).c_str());
    STRCMP_EQUAL("opens nothing, shuts 1 (1 in part)",
                 words_of(reach_of(listing({"45.0.0.0/24"}), before)).c_str());
    parts.allow.clear();
    Schedule weekend;
    weekend.name = "weekend";
    weekend.days = 0x60;
    weekend.from = 0;
    weekend.to = 720;
    weekend.actions = {{Action::pass}, {std::nullopt}};
    parts.schedules = {weekend};
    STRCMP_EQUAL("opens 1 of 1 prefixes, shuts nothing",
                 told(before, listing({"45.0.0.0/24"})).c_str());
}

TEST(ReachOfAChange, AsksWhenMuchOpens) {
    const auto before = listing(hosts(60));
    STRCMP_EQUAL("opens 18 of 60 prefixes, shuts nothing",
                 told(before, listing(hosts(42))).c_str());
    STRCMP_EQUAL("opens 19 of 60 prefixes, shuts nothing; opens 19 of 60 prefixes, more than 30 %",
                 told(before, listing(hosts(41))).c_str());
    STRCMP_EQUAL("opens 60 of 60 prefixes, shuts nothing; opens 60 of 60 prefixes, more than 30 %",
                 told(before, listing({})).c_str());
    // A small set is a person's everyday business.
    STRCMP_EQUAL("opens 16 of 16 prefixes, shuts nothing",
                 told(listing(hosts(16)), listing({})).c_str());
}

TEST(ReachOfAChange, BoundsTheSumOfWhatItShutsNotEachPrefix) {
    const auto before = listing(hosts(3));
    const auto asks = [&](const std::vector<std::string>& prefixes) {
        return !excesses(reach_of(before, listing(prefixes)), bounds).empty();
    };
    std::vector<std::string> eights;
    for (int i = 1; i < 224; ++i)
        if (i != 10 && i != 127) eights.push_back(numbered(i, ".0.0.0/8"));
    CHECK_TRUE(asks(eights));
    CHECK_TRUE(asks({"38.0.0.0/8"}));
    CHECK_TRUE(asks({"38.0.0.0/9"}));
    CHECK_FALSE(asks({"38.0.0.0/10"}));
    CHECK_TRUE(asks({"38.0.0.0/10", "39.0.0.0/24"}));
    std::vector<std::string> many; // of /20
    for (int i = 0; i < 256; ++i) many.push_back("100." + numbered(i, ".0.0/20"));
    CHECK_FALSE(asks(many)); // 1,048,576
    std::vector<std::string> wide;
    for (int i = 0; i < 80; ++i) wide.push_back("80." + numbered(i, ".0.0/16"));
    CHECK_TRUE(asks(wide)); // 5,242,880
    CHECK_TRUE(asks({"2a00::/16"}));
    CHECK_TRUE(asks({"2a00::/24"}));
    CHECK_FALSE(asks({"2a00::/28"}));
    std::vector<std::string> six;
    for (int i = 0; i < 17; ++i) six.push_back("2a00:" + numbered(1000 + i, "::/32"));
    CHECK_TRUE(asks(six));
    six.pop_back();
    CHECK_FALSE(asks(six));
    bounds.most_shut_ipv4 = 8;
    CHECK_FALSE(asks({"38.0.0.0/8"}));
}

TEST(ReachOfAChange, AsksWhenTheSumGetsTooWideBitByBit) {
    std::vector<std::string> all;
    std::string asked;
    auto before = listing({});
    for (int i = 0; i < 6; ++i) {
        all.push_back(numbered(40 + 2 * i, ".0.0.0/10"));
        const auto now = listing(all);
        for (const auto& each : excesses(reach_of(before, now), bounds))
            asked += std::to_string(i + 1) + ": " + each + "\n";
        before = now;
    }
    STRCMP_EQUAL("5: shuts 20,971,520 IPv4 addresses in sum, more than four /10 have\n",
                 asked.c_str());
}
