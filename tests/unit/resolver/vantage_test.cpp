// SPDX-License-Identifier: Apache-2.0
#include "resolver/vantage.hpp"

#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;

namespace {

std::string fault(std::string_view text) {
    const auto vantage = parse_vantage(text);
    return vantage ? "accepted" : vantage.error().what;
}

test::Octets payload(std::string_view prefix) {
    const auto subnet = ClientSubnet::parse(prefix).value();
    return {subnet.octets().begin(), subnet.octets().end()};
}

} // namespace

TEST_GROUP(Vantage){};

TEST(Vantage, IsAServerWithOrWithoutASubnet) {
    CHECK_FALSE(parse_vantage("192.0.2.53").value().subnet.has_value());
    const auto vantage = parse_vantage("[2001:db8::53]:5353  subnet=198.51.100.0/24").value();
    STRCMP_EQUAL("[2001:db8::53]:5353", to_string(vantage.endpoint).c_str());
    CHECK_TRUE(vantage.subnet.has_value());
}

TEST(Vantage, RefusesWhatIsNoSubnet) {
    STRCMP_EQUAL("server '192.0.2.53 at home': 'at home' is not subnet=PREFIX",
                 fault("192.0.2.53 at home").c_str());
    STRCMP_EQUAL("server: '' is not an IP address", fault(" subnet=0.0.0.0/0").c_str());
    for (const auto* text :
         {"192.0.2.53 subnet=", "192.0.2.53 subnet=home", "192.0.2.53 subnet=198.51.100.1/24",
          "192.0.2.53 subnet 0.0.0.0/0", "192.0.2.53 subnet=198.51.100.0/24 more"})
        CHECK_FALSE(fault(text) == "accepted");
}

TEST(Vantage, TellsNoHouseholdFromItsNeighbour) {
    STRCMP_EQUAL("server '192.0.2.53 subnet=198.51.100.0/25': subnet: 198.51.100.0/25 is longer "
                 "than /24",
                 fault("192.0.2.53 subnet=198.51.100.0/25").c_str());
    CHECK_FALSE(ClientSubnet::parse("2001:db8::/57").has_value());
    CHECK_FALSE(ClientSubnet::parse("198.51.100.1").has_value());
}

TEST_GROUP(ClientSubnet){};

TEST(ClientSubnet, HasAsManyOctetsAsItsLengthNeeds) {
    CHECK_TRUE((payload("198.51.100.0/24") == test::Octets{0, 1, 24, 0, 198, 51, 100}));
    CHECK_TRUE((payload("198.51.96.0/20") == test::Octets{0, 1, 20, 0, 198, 51, 96}));
    CHECK_TRUE((payload("0.0.0.0/0") == test::Octets{0, 1, 0, 0}));
    CHECK_TRUE((payload("2001:db8:0:100::/56") ==
                test::Octets{0, 2, 56, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 1}));
}

TEST(ClientSubnet, ReadsTheScopeOfItsReply) {
    const auto subnet = ClientSubnet::parse("198.51.100.0/24").value();
    auto reply = payload("198.51.100.0/24");
    CHECK_EQUAL(0U, subnet.scope_of(reply).value());
    reply[3] = 32; // the answer holds for less than we said
    CHECK_EQUAL(32U, subnet.scope_of(reply).value());
}

TEST(ClientSubnet, DisownsAReplyForAnother) {
    const auto subnet = ClientSubnet::parse("198.51.100.0/24").value();
    for (const auto* other : {"203.0.113.0/24", "198.51.0.0/16", "2001:d00::/24", "0.0.0.0/0"})
        CHECK_FALSE(subnet.scope_of(payload(other)).has_value());
    auto reply = payload("198.51.100.0/24");
    reply[3] = 33;
    CHECK_FALSE(subnet.scope_of(reply).has_value());
    reply[3] = 24;
    for (std::size_t size = 0; size < reply.size(); ++size)
        CHECK_FALSE(subnet.scope_of(std::span(reply).first(size)).has_value());
    reply.push_back(0);
    CHECK_FALSE(subnet.scope_of(reply).has_value());
}
