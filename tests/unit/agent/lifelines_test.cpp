// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/lifelines.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::agent;

TEST_GROUP(Lifelines){
    static std::string listed(const std::vector<Prefix>& prefixes){std::string text;
for (const auto& prefix : prefixes) text += to_string(prefix) + " ";
return text;
}
static std::string hosts(const std::vector<std::string>& endpoints) {
    return listed(hosts_in(endpoints));
}
}
;

TEST(Lifelines, AreTheNameserversOfResolvConf) {
    STRCMP_EQUAL("192.0.2.53/32 2001:db8::53/128 fe80::1/128 ",
                 listed(nameservers_in("# nameserver 192.0.2.1\n"
                                       "search example.com\n"
                                       "nameserver 192.0.2.53\n"
                                       "\tnameserver\t2001:db8::53   # office\r\n"
                                       "nameserver fe80::1%eth0\n"
                                       "; nameserver 192.0.2.2\n"
                                       "options ndots:1"))
                     .c_str());
}

TEST(Lifelines, LeaveOutWhatIsNoAddress) {
    STRCMP_EQUAL("", listed(nameservers_in("nameserver\nnameserver dns.example.com\n"
                                           "nameserver 192.0.2.0/24\nnameserver192.0.2.1\n"))
                         .c_str());
}

TEST(Lifelines, AreBounded) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "nameserver 192.0.2." + std::to_string(i) + "\n";
    LONGS_EQUAL(kMaxNameservers, nameservers_in(text).size());
}

TEST(Lifelines, AreTheHostsOfTcpEndpoints) {
    STRCMP_EQUAL("192.0.2.7/32 2001:db8::7/128 192.0.2.8/32 ",
                 hosts({"tcp://192.0.2.7:7401", "tcp://[2001:db8::7]:7402",
                        "tcp://192.0.2.99:0;192.0.2.8:7401"})
                     .c_str());
}

TEST(Lifelines, NeedNoLocalEndpointAndNoName) {
    STRCMP_EQUAL("", hosts({"ipc:///run/192.0.2.7:7401", "tcp://controller.example:7401", "tcp://",
                            "tcp://:", "tcp://[:1", ""})
                         .c_str());
}

TEST(Lifelines, ContainTheConfiguredOnesOnce) {
    Config config;
    config.management = {parse_prefix("198.51.100.0/24").value(),
                         parse_prefix("192.0.2.7/32").value()};
    config.upstream.updates = "tcp://192.0.2.7:7401";
    config.upstream.requests = "tcp://192.0.2.7:7402";
    const auto text = listed(lifelines(config));
    CHECK_TRUE(text.find("198.51.100.0/24 ") != std::string::npos);
    const auto first = text.find("192.0.2.7/32 ");
    CHECK_TRUE(first != std::string::npos);
    CHECK_TRUE(text.find("192.0.2.7/32 ", first + 1) == std::string::npos);
}
