// SPDX-License-Identifier: Apache-2.0
#include "resolver/query.hpp"

#include <set>

#include "resolver/message.hpp"
#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;

TEST_GROUP(QueryPacket) {
    Entropy entropy;

    QueryPacket query(const std::string& name, bool randomise_case, bool edns) {
        return {{name, RrType::a}, {randomise_case, edns}, entropy};
    }
};

TEST(QueryPacket, AsksForTheNameAndNothingElse) {
    const auto packet = query("www.example.com", false, false);
    test::Octets expected;
    for (const unsigned field : {0x0120U, 1U, 0U, 0U, 0U}) test::put_u16(expected, field);
    test::put_name(expected, "www.example.com");
    test::put_u16(expected, 1);
    test::put_u16(expected, 1);
    const auto behind_id = packet.octets().subspan(2);
    CHECK_TRUE(std::ranges::equal(expected, behind_id));
}

TEST(QueryPacket, EndsWithElevenOctetsOfOpt) {
    const auto plain = query("www.example.com", false, false);
    const auto edns = query("www.example.com", false, true);
    CHECK_EQUAL(plain.octets().size() + 11, edns.octets().size());
    const test::Octets opt = {0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0};
    CHECK_TRUE(std::ranges::equal(opt, edns.octets().last(11)));
}

TEST(QueryPacket, CarriesAClientSubnetInItsOpt) {
    const auto subnet = ClientSubnet::parse("198.51.100.0/24").value();
    const QueryPacket packet({"www.example.com", RrType::a}, {false, true, subnet}, entropy);
    const test::Octets opt = {0, 0, 41, 4, 0xD0, 0, 0,  0, 0,   0,  11,
                              0, 8, 0,  7, 0,    1, 24, 0, 198, 51, 100};
    CHECK_TRUE(std::ranges::equal(opt, packet.octets().last(opt.size())));
    CHECK_TRUE(packet.subnet().has_value());
    const QueryPacket plain({"www.example.com", RrType::a}, {false, false, subnet}, entropy);
    CHECK_FALSE(plain.subnet().has_value());
    CHECK_EQUAL(query("www.example.com", false, false).octets().size(), plain.octets().size());
}

TEST(QueryPacket, FitsTheLongestNameAndSubnet) {
    const auto label = std::string(61, 'a') + ".";
    const auto subnet = ClientSubnet::parse("2001:db8::/56").value();
    const QueryPacket packet({label + label + label + label + "ab.de", RrType::https},
                             {true, true, subnet}, entropy);
    CHECK_EQUAL(12U + 255U + 4U + 11U + 15U, packet.octets().size());
}

TEST(QueryPacket, RandomisesCaseAndId) {
    std::set<std::string> names;
    std::set<unsigned> ids;
    for (int i = 0; i < 50; ++i) {
        const auto packet = query("abcdefghijklmnop.example", true, false);
        const auto octets = packet.octets();
        names.emplace(octets.begin() + 12, octets.end());
        ids.insert(octets[0] * 256U + octets[1]);
    }
    CHECK_TRUE(names.size() >= 49);
    CHECK_TRUE(ids.size() >= 45);
}

TEST(QueryPacket, KnowsItsEchoByCase) {
    const auto packet = query("abcdefghijklmnop.example", true, true);
    test::Octets echo(packet.octets().begin(), packet.octets().end());
    CHECK_TRUE(packet.is_echoed_by(echo));
    echo[13] ^= 0x20;
    CHECK_FALSE(packet.is_echoed_by(echo));
    CHECK_FALSE(packet.is_echoed_by(std::span(echo).first(20)));
}

TEST(QueryPacket, IsEmptyForANameThatCannotBeWritten) {
    CHECK_TRUE(query("a..b", true, true).empty());
    CHECK_TRUE(query(std::string(64, 'a'), true, true).empty());
    CHECK_TRUE(query(std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                         std::string(63, 'c') + "." + std::string(63, 'd'),
                     true, true)
                   .empty());
    CHECK_FALSE(query("", true, true).empty()); // the root
}
