// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/embedded.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string inside(std::string_view address, const std::vector<Prefix>& nat64 = {}) {
    const auto found = embedded_ipv4(*parse_address(address), nat64);
    return found ? std::string(found->how) + " " + to_string(found->ipv4) : "none";
}

} // namespace

TEST_GROUP(Embedded){};

TEST(Embedded, IsReadOutOfEveryForm) {
    const auto mapped = embedded_ipv4(ipv6(0, 0xFFFF'0A00'0001), {}); // as an answer may bring it
    STRCMP_EQUAL("IPv4-mapped", std::string(mapped->how).c_str());
    STRCMP_EQUAL("10.0.0.1", to_string(mapped->ipv4).c_str());
    STRCMP_EQUAL("IPv4-compatible 10.0.0.1", inside("::10.0.0.1").c_str());
    STRCMP_EQUAL("NAT64 10.0.0.1", inside("64:ff9b::10.0.0.1").c_str());
    STRCMP_EQUAL("6to4 10.0.0.1", inside("2002:a00:1::1").c_str());
    STRCMP_EQUAL("Teredo 192.0.2.45", inside("2001:0:4136:e378:8000:63bf:3fff:fdd2").c_str());
    STRCMP_EQUAL("ISATAP 10.0.0.1", inside("2001:4860::5efe:10.0.0.1").c_str());
    STRCMP_EQUAL("ISATAP 8.8.8.8", inside("2001:4860::200:5efe:8.8.8.8").c_str());
}

// The examples of RFC 6052, section 2.4.
TEST(Embedded, StandsBehindTheSitesOwnPrefixOfAnyLength) {
    const auto behind = [](std::string_view prefix, std::string_view address) {
        return inside(address, {*parse_prefix(prefix)});
    };
    const std::string expected = "NAT64 192.0.2.33";
    STRCMP_EQUAL(expected.c_str(), behind("2001:db8::/32", "2001:db8:c000:221::").c_str());
    STRCMP_EQUAL(expected.c_str(), behind("2001:db8:100::/40", "2001:db8:1c0:2:21::").c_str());
    STRCMP_EQUAL(expected.c_str(),
                 behind("2001:db8:122::/48", "2001:db8:122:c000:2:2100::").c_str());
    STRCMP_EQUAL(expected.c_str(),
                 behind("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::").c_str());
    STRCMP_EQUAL(expected.c_str(),
                 behind("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::").c_str());
    STRCMP_EQUAL(expected.c_str(),
                 behind("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33").c_str());
}

TEST(Embedded, IsNothingInOtherAddresses) {
    STRCMP_EQUAL("none", inside("192.0.2.1").c_str());
    STRCMP_EQUAL("none", inside("2606:4700::1111").c_str());
    STRCMP_EQUAL("none", inside("2001:67c:4e8::1").c_str());
}
