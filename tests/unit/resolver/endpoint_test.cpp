// SPDX-License-Identifier: Apache-2.0
#include "resolver/endpoint.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;

namespace {

std::string endpoint(std::string_view text) {
    const auto parsed = parse_endpoint(text);
    return parsed ? to_string(*parsed) : "refused";
}

std::string fault(std::string_view text) {
    const auto parsed = parse_endpoint(text);
    return parsed ? "accepted" : parsed.error().what;
}

} // namespace

TEST_GROUP(Endpoint){};

TEST(Endpoint, IsNamedByAddressAndPort) {
    STRCMP_EQUAL("192.0.2.53:53", endpoint("192.0.2.53").c_str());
    STRCMP_EQUAL("192.0.2.53:5353", endpoint("192.0.2.53:5353").c_str());
    STRCMP_EQUAL("[2001:db8::53]:53", endpoint("2001:db8::53").c_str());
    STRCMP_EQUAL("[2001:db8::53]:5353", endpoint("[2001:db8::53]:5353").c_str());
}

TEST(Endpoint, RefusesTextThatIsNoServer) {
    for (const auto* text : {"", "dns.example", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536",
                             "192.0.2.53:5x", "[2001:db8::53", "[2001:db8::53]x", "[]:53", "%eth0"})
        STRCMP_EQUAL("refused", endpoint(text).c_str());
}

TEST(Endpoint, OfALinkLocalAddressHasAnInterface) {
    STRCMP_EQUAL("[fe80::1%eth0]:53", endpoint("fe80::1%eth0").c_str());
    STRCMP_EQUAL("[fe80::1%br-lan.7]:5353", endpoint("[FE80:0::1%br-lan.7]:5353").c_str());
    STRCMP_EQUAL("[febf::1%2]:53", endpoint("febf::1%2").c_str());
    CHECK_FALSE(parse_endpoint("fe80::1%eth0").value() == parse_endpoint("fe80::1%eth1").value());
    STRCMP_EQUAL("server 'fe80::1': a link-local address needs its interface: fe80::1%INTERFACE",
                 fault("fe80::1").c_str());
}

TEST(Endpoint, OfAnyOtherAddressHasNone) {
    for (const auto* text : {"2001:db8::1%eth0", "192.0.2.1%eth0", "fec0::1%eth0"})
        STRCMP_EQUAL(("server '" + std::string(text) +
                      "': only a link-local address (fe80::/10) has an interface behind it")
                         .c_str(),
                     fault(text).c_str());
    for (const auto* text : {"fe80::1%", "fe80::1%sixteen-or-more-x", "fe80::1%e/0", "fe80::1%a%b",
                             "[fe80::1%eth0", "fe80::1%e th"})
        STRCMP_EQUAL("refused", endpoint(text).c_str());
}

TEST(Endpoint, LooksItsInterfaceUpByNameAndNumber) {
    const auto loopback = interface_of(parse_endpoint("fe80::1%lo").value());
    CHECK_TRUE(loopback != 0);
    const auto by_number = parse_endpoint("fe80::1%" + std::to_string(loopback)).value();
    CHECK_EQUAL(loopback, interface_of(by_number));
    CHECK_EQUAL(0U, interface_of(parse_endpoint("fe80::1%no-such-one").value()));
    CHECK_EQUAL(0U, interface_of(parse_endpoint("fe80::1%99999999").value()));
    CHECK_EQUAL(0U, interface_of(parse_endpoint("192.0.2.1").value()));
}
