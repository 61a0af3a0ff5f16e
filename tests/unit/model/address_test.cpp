// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/address.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Address){};

TEST(Address, TextRoundTripsInBothFamilies) {
    for (const auto* text : {"0.0.0.0", "192.0.2.255", "255.255.255.255", "::", "::1",
                             "2001:db8::1:0:0:1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const auto address = parse_address(text);
        CHECK_TRUE(address.has_value());
        STRCMP_EQUAL(text, to_string(*address).c_str());
    }
}

TEST(Address, RefusesEverythingElse) {
    for (const auto* text : {"", "1", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "::1%lo",
                             "a::b::c", "1.2.3.4/32", "localhost"})
        CHECK_FALSE(parse_address(text).has_value());
    CHECK_FALSE(parse_address(std::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST(Address, ThatIsMappedIsTheIpv4One) {
    for (const auto* text : {"::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"})
        STRCMP_EQUAL("192.0.2.1", to_string(*parse_address(text)).c_str());
    STRCMP_EQUAL("::fffe:c000:201", to_string(*parse_address("::fffe:192.0.2.1")).c_str());
}

TEST(Address, BytesRoundTrip) {
    const auto address = *parse_address("2001:db8::42");
    const auto bytes = to_bytes(address);
    CHECK_TRUE(address == *address_from_bytes(bytes));
    CHECK_TRUE(ipv4(0xC0000201) == *address_from_bytes(std::array<std::uint8_t, 4>{192, 0, 2, 1}));
    CHECK_FALSE(address_from_bytes(std::array<std::uint8_t, 5>{}).has_value());
}

TEST(Address, OrdersIpv4BeforeIpv6) {
    CHECK_TRUE(*parse_address("255.255.255.255") < *parse_address("::"));
    CHECK_TRUE(*parse_address("10.0.0.2") < *parse_address("10.0.0.10"));
}
