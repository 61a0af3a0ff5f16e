// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/machine.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(Machine){};

TEST(Machine, FindsTheDefaultGatewayAsTheKernelPrintsIt) {
    const auto found = default_gateways_v4(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
    CHECK_EQUAL(1U, found.size());
    STRCMP_EQUAL("10.0.0.1", to_string(found[0]).c_str());
}

TEST(Machine, FindsTheDefaultGatewayOfIpv6) {
    const auto found = default_gateways_v6(
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "20010db8000000000000000000000001 00000400 00000000 00000000 00000003 eth0\n"
        "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000400 00000000 00000000 00000001 eth0\n");
    CHECK_EQUAL(1U, found.size());
    STRCMP_EQUAL("2001:db8::1", to_string(found[0]).c_str());
}

TEST(Machine, SurvivesGarbageInProc) {
    CHECK_TRUE(default_gateways_v4("x\n\n eth0 00000000 zz\n00000000 00000000").empty());
    CHECK_TRUE(default_gateways_v6("zz 00 zz 00 00\n").empty());
}

TEST(Machine, TakesTheAddressOutOfAnyResolverForm) {
    for (const auto* server : {"192.0.2.53", "192.0.2.53:5353"})
        STRCMP_EQUAL("192.0.2.53", to_string(*resolver_address(server)).c_str());
    for (const auto* server : {"2001:db8::53", "[2001:db8::53]:5353", "[2001:db8::53]"})
        STRCMP_EQUAL("2001:db8::53", to_string(*resolver_address(server)).c_str());
    CHECK_FALSE(resolver_address("ns.example.org").has_value());
}

TEST(Machine, CountsTheLoopbackAddressAsOwn) {
    const auto guarded = addresses_in_use({});
    const auto loopback = *parse_prefix("127.0.0.1");
    CHECK_TRUE(std::any_of(guarded.begin(), guarded.end(),
                           [&](const Guarded& each) { return each.prefix == loopback; }));
}
