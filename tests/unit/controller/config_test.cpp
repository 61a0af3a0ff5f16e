// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/config.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

std::string fault(std::string_view text) {
    const auto config = parse_config(text, "sweepgated.toml");
    return config ? "" : config.error().what;
}

} // namespace

TEST_GROUP(ControllerConfig){};

TEST(ControllerConfig, HasADefaultForEveryKeyButTheResolvers) {
    const auto config = parse_config("[resolver]\nservers = ['192.0.2.53']\n", "t");
    CHECK_TRUE(config.has_value());
    STRCMP_EQUAL("/var/lib/sweepgate/controller", config->state.c_str());
    STRCMP_EQUAL("ipc:///run/sweepgate/controller/updates", config->publish.updates.at(0).c_str());
    CHECK_EQUAL(1'000, config->resolver.shortest.count());
    CHECK_EQUAL(3'600'000, config->resolver.longest.count());
    CHECK_EQUAL(1'000U, config->resolver.budget);
    CHECK_TRUE(config->resolver.https);
    CHECK_EQUAL(4U, config->resolver.timeouts.size());
    CHECK_EQUAL(86'400, config->book.hold_down.count());
    CHECK_EQUAL(3'600, config->book.hold_down_left_alone.count());
    CHECK_EQUAL(3U, config->book.denials);
    CHECK_EQUAL(3'600, config->book.denied_for.count());
    CHECK_EQUAL(1U, config->book.resolvers);
}

TEST(ControllerConfig, NamesFileLineAndValueOfAFault) {
    STRCMP_EQUAL("sweepgated.toml:2:1: unknown key 'shortest_mss'; did you mean 'shortest_ms'?",
                 fault("[resolver]\nshortest_mss = 5\n").c_str());
    STRCMP_EQUAL("sweepgated.toml:2:15: shortest_ms = 5 is not within 100..86400000",
                 fault("[resolver]\nshortest_ms = 5\n").c_str());
    STRCMP_EQUAL("sweepgated.toml:3:14: longest_ms = 500 is below shortest_ms",
                 fault("[resolver]\nshortest_ms = 1000\nlongest_ms = 500\n").c_str());
    STRCMP_EQUAL("sweepgated.toml:2:12: 'udp://x' is neither ipc:// nor tcp://",
                 fault("[publish]\nupdates = ['udp://x']\n").c_str());
}

TEST(ControllerConfig, RefusesTcpWithoutKeys) {
    STRCMP_EQUAL("sweepgated.toml:2:11: a tcp:// endpoint needs curve_key and authorized_keys",
                 fault("[publish]\nupdates = ['tcp://127.0.0.1:7401']\n").c_str());
}

TEST(ControllerConfig, ReadsVantagePointsBehindTheSitesOwnResolvers) {
    const auto config = parse_config("[resolver]\n"
                                     "servers = ['192.0.2.53', '192.0.2.54']\n"
                                     "[[resolver.vantage]]\n"
                                     "name = 'paris'\n"
                                     "server = '192.0.2.99:5353'\n"
                                     "client_subnet = '198.51.100.0/24'\n"
                                     "[[resolver.vantage]]\n"
                                     "name = 'lima'\n"
                                     "server = '192.0.2.99:5353'\n",
                                     "t");
    CHECK_TRUE(config.has_value());
    const auto servers = config->resolver.all_servers();
    CHECK_EQUAL(4U, servers.size());
    STRCMP_EQUAL("192.0.2.99:5353 subnet=198.51.100.0/24", servers[2].c_str());
    STRCMP_EQUAL("192.0.2.99:5353", servers[3].c_str());
    CHECK_EQUAL(3U, config->book.resolvers); // two points of view through one resolver
}

TEST(ControllerConfig, RefusesAVantagePointThatCannotBe) {
    const auto of = [](const std::string& rest) {
        return fault("[resolver]\nservers = ['192.0.2.53']\n[[resolver.vantage]]\n" + rest);
    };
    STRCMP_EQUAL("sweepgated.toml:4:8: 'Pa ris' is not 1..32 of a-z, 0-9 and '-'",
                 of("name = 'Pa ris'\nserver = '192.0.2.1'\n").c_str());
    STRCMP_CONTAINS("sweepgated.toml:5:10: ", of("name = 'x'\nserver = 'dns.example'\n").c_str());
    STRCMP_CONTAINS("dns.example", of("name = 'x'\nserver = 'dns.example'\n").c_str());
    STRCMP_CONTAINS(
        "sweepgated.toml:6:17: ",
        of("name = 'x'\nserver = '192.0.2.1'\nclient_subnet = '198.51.100.7/24'\n").c_str());
    STRCMP_EQUAL("sweepgated.toml:7:8: vantage 'x' stands twice",
                 of("name = 'x'\nserver = '192.0.2.1'\n[[resolver.vantage]]\nname = 'x'\n"
                    "server = '192.0.2.2'\n")
                     .c_str());
}
