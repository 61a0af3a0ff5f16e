// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/public_space.hpp"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string why(std::string_view prefix, const std::vector<Prefix>& as_public = {}) {
    return why_not_public(*parse_prefix(prefix), as_public).value_or("public");
}

} // namespace

TEST_GROUP(PublicSpace){};

TEST(PublicSpace, ExcludesEverySpecialRange) {
    STRCMP_EQUAL("this network (0.0.0.0/8)", why("0.0.0.0").c_str());
    STRCMP_EQUAL("private (10.0.0.0/8)", why("10.255.255.255").c_str());
    STRCMP_EQUAL("carrier-grade NAT (100.64.0.0/10)", why("100.127.255.255").c_str());
    STRCMP_EQUAL("loopback (127.0.0.0/8)", why("127.0.0.1").c_str());
    STRCMP_EQUAL("link-local (169.254.0.0/16)", why("169.254.169.254").c_str());
    STRCMP_EQUAL("private (172.16.0.0/12)", why("172.31.0.1").c_str());
    STRCMP_EQUAL("documentation (192.0.2.0/24)", why("192.0.2.1").c_str());
    STRCMP_EQUAL("private (192.168.0.0/16)", why("192.168.1.1").c_str());
    STRCMP_EQUAL("benchmarks (198.18.0.0/15)", why("198.19.0.1").c_str());
    STRCMP_EQUAL("documentation (198.51.100.0/24)", why("198.51.100.1").c_str());
    STRCMP_EQUAL("documentation (203.0.113.0/24)", why("203.0.113.1").c_str());
    STRCMP_EQUAL("multicast (224.0.0.0/4)", why("239.255.255.250").c_str());
    STRCMP_EQUAL("reserved (240.0.0.0/4)", why("255.255.255.255").c_str());
    STRCMP_EQUAL("unspecified (::/128)", why("::").c_str());
    STRCMP_EQUAL("loopback (::1/128)", why("::1").c_str());
    STRCMP_EQUAL("IPv4-mapped (::ffff:0.0.0.0/96)",
                 why_not_public(host(ipv6(0, 0xFFFF'0808'0808)), {})->c_str());
    STRCMP_EQUAL("NAT64 (64:ff9b::/96)", why("64:ff9b::808:808").c_str());
    STRCMP_EQUAL("documentation (2001:db8::/32)", why("2001:db8::1").c_str());
    STRCMP_EQUAL("private (fc00::/7)", why("fd00::1").c_str());
    STRCMP_EQUAL("link-local (fe80::/10)", why("fe80::1").c_str());
    STRCMP_EQUAL("multicast (ff00::/8)", why("ff02::1").c_str());
    STRCMP_EQUAL("outside global unicast (2000::/3)", why("4000::1").c_str());
}

TEST(PublicSpace, HoldsTheNeighboursOfEachRange) {
    for (const auto* address :
         {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1",
          "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.1", "198.17.255.255",
          "198.20.0.0", "223.255.255.255", "149.154.160.0", "2001:67c:4e8::1", "2606:4700::1111"})
        STRCMP_EQUAL_TEXT("public", why(address).c_str(), address);
}

TEST(PublicSpace, EndsWhereAPrefixReachesOut) {
    STRCMP_EQUAL("private (172.16.0.0/12)", why("172.0.0.0/8").c_str());
}

TEST(PublicSpace, GrowsByWhatALaboratoryAsksFor) {
    const std::vector<Prefix> lab{*parse_prefix("198.18.0.0/16")};
    STRCMP_EQUAL("public", why("198.18.5.5", lab).c_str());
    STRCMP_EQUAL("benchmarks (198.18.0.0/15)", why("198.19.5.5", lab).c_str());
    STRCMP_EQUAL("benchmarks (198.18.0.0/15)", why("198.18.0.0/15", lab).c_str());
}
