// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/prefix.hpp"
#include "controlplane/model/prefix_text.hpp"

#include <random>
#include <set>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

Prefix prefix(const char* text) {
    const auto parsed = parse_prefix(text);
    CHECK_TRUE(parsed.has_value());
    return *parsed;
}

std::string fault(const char* text) { return parse_prefix(text).error().what; }

} // namespace

TEST_GROUP(Prefix){};

TEST(Prefix, TextRoundTrips) {
    for (const auto* text :
         {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "::/0", "2001:db8::/32", "2001:db8::1/128"})
        STRCMP_EQUAL(text, to_string(prefix(text)).c_str());
    STRCMP_EQUAL("192.0.2.1/32", to_string(prefix("192.0.2.1")).c_str());
}

TEST(Prefix, RefusalNamesTheText) {
    STRCMP_EQUAL("'10.0.0.1/24' has host bits set; its network is 10.0.0.0/24",
                 fault("10.0.0.1/24").c_str());
    STRCMP_EQUAL("'10.0.0.0/33' has a bad prefix length", fault("10.0.0.0/33").c_str());
    STRCMP_EQUAL("'10.0.0.0/' has a bad prefix length", fault("10.0.0.0/").c_str());
    STRCMP_EQUAL("'10.0.0.0/+8' has a bad prefix length", fault("10.0.0.0/+8").c_str());
    STRCMP_EQUAL("'x/8' is not a prefix", fault("x/8").c_str());
    STRCMP_EQUAL("'\\u{FEFF}10.0.0.0/8' is not a prefix", fault("\xEF\xBB\xBF"
                                                                "10.0.0.0/8")
                                                              .c_str());
    STRCMP_EQUAL("'\\xFF' is not a prefix", fault("\xFF").c_str());
}

TEST(Prefix, MayHaveANetmask) {
    STRCMP_EQUAL("91.108.4.0/22", to_string(prefix("91.108.4.0/255.255.252.0")).c_str());
    STRCMP_EQUAL("0.0.0.0/0", to_string(prefix("0.0.0.0/0.0.0.0")).c_str());
    STRCMP_CONTAINS("bad prefix length", fault("91.108.4.0/255.0.255.0").c_str());
    STRCMP_CONTAINS("bad prefix length", fault("2001:db8::/255.255.0.0").c_str());
}

TEST(Prefix, OfMappedAddressesIsTheIpv4One) {
    STRCMP_EQUAL("192.0.2.1/32", to_string(prefix("::ffff:192.0.2.1")).c_str());
    STRCMP_EQUAL("192.0.2.0/24", to_string(prefix("::ffff:192.0.2.0/120")).c_str());
    STRCMP_EQUAL("192.0.2.0/24", to_string(prefix("::ffff:c000:200/120")).c_str());
    STRCMP_CONTAINS("bad prefix length", fault("::ffff:192.0.2.0/24").c_str());
}

TEST(Prefix, LosesItsHostBitsWhereThatIsAllowed) {
    const auto loose = parse_loose_prefix("149.154.164.0/20");
    CHECK_TRUE(loose->had_host_bits);
    STRCMP_EQUAL("149.154.160.0/20", to_string(loose->prefix).c_str());
    CHECK_FALSE(parse_loose_prefix("149.154.160.0/20")->had_host_bits);
}

TEST(Prefix, RangesAreReadWithAndWithoutSpaces) {
    for (const auto* text : {"192.0.2.1-192.0.2.6", "192.0.2.1 - 192.0.2.6"}) {
        const auto range = parse_range(text);
        CHECK_TRUE(range && *range);
        STRCMP_EQUAL("192.0.2.6", to_string((*range)->last).c_str());
    }
    CHECK_TRUE(parse_range("2001:db8::1-2001:db8::f")->has_value());
    CHECK_FALSE(parse_range("192.0.2.1")->has_value());
    CHECK_FALSE(parse_range("a-b")->has_value());
    CHECK_FALSE(parse_range("192.0.2.6-192.0.2.1").has_value());
    CHECK_FALSE(parse_range("192.0.2.6-2001:db8::1").has_value());
}

TEST(Prefix, ContainsItsEndsAndNothingBeyond) {
    const auto net = prefix("203.0.113.0/24");
    CHECK_TRUE(net.contains(net.first()));
    CHECK_TRUE(net.contains(net.last()));
    CHECK_FALSE(net.contains(*parse_address("203.0.114.0")));
    CHECK_FALSE(net.contains(*parse_address("::203.0.113.1")));
    CHECK_TRUE(prefix("::/0").contains(*parse_address("ffff::")));
    CHECK_FALSE(prefix("0.0.0.0/0").contains(*parse_address("::")));
}

TEST(Prefix, OverlapIsContainmentEitherWay) {
    CHECK_TRUE(prefix("10.0.0.0/8").overlaps(prefix("10.1.0.0/16")));
    CHECK_TRUE(prefix("10.1.0.0/16").overlaps(prefix("10.0.0.0/8")));
    CHECK_FALSE(prefix("10.0.0.0/9").overlaps(prefix("10.128.0.0/9")));
}

TEST(Prefix, SplitsARangeIntoTheFewestPrefixes) {
    const auto split = to_prefixes({*parse_address("192.0.2.1"), *parse_address("192.0.2.6")});
    CHECK_EQUAL(4U, split.size());
    STRCMP_EQUAL("192.0.2.1/32", to_string(split[0]).c_str());
    STRCMP_EQUAL("192.0.2.2/31", to_string(split[1]).c_str());
    STRCMP_EQUAL("192.0.2.4/31", to_string(split[2]).c_str());
    STRCMP_EQUAL("192.0.2.6/32", to_string(split[3]).c_str());
}

TEST(Prefix, SplitsTheWholeLineIntoOnePrefix) {
    for (const auto* text : {"0.0.0.0/0", "::/0"}) {
        const auto split = to_prefixes(to_range(prefix(text)));
        CHECK_EQUAL(1U, split.size());
        STRCMP_EQUAL(text, to_string(split[0]).c_str());
    }
}

TEST(Prefix, MergeJoinsNeighboursAndNeverFamilies) {
    const auto merged =
        merge(std::vector{prefix("10.0.1.0/24"), prefix("10.0.0.0/24"), prefix("10.0.0.7/32"),
                          prefix("::/128"), prefix("255.255.255.255/32")});
    CHECK_EQUAL(3U, merged.size());
    STRCMP_EQUAL("10.0.0.0/23", to_string(merged[0]).c_str());
    STRCMP_EQUAL("255.255.255.255/32", to_string(merged[1]).c_str());
    STRCMP_EQUAL("::/128", to_string(merged[2]).c_str());
}

TEST(Prefix, MergeKeepsExactlyTheSameAddresses) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<Prefix> list;
        std::set<unsigned> covered;
        for (int i = 0; i < 12; ++i) {
            const auto length = static_cast<std::uint8_t>(24 + random() % 9);
            const Prefix drawn{ipv4((random() % 256) & ~((1U << (32U - length)) - 1U)), length};
            list.push_back(drawn);
            for (auto a = drawn.first().value; a <= drawn.last().value; ++a)
                covered.insert(static_cast<unsigned>(a));
        }
        std::set<unsigned> merged;
        for (const auto& each : merge(list))
            for (auto a = each.first().value; a <= each.last().value; ++a)
                CHECK_TRUE(merged.insert(static_cast<unsigned>(a)).second);
        CHECK_TRUE(covered == merged);
    }
}
