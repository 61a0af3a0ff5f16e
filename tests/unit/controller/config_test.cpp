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
    STRCMP_EQUAL("/var/lib/sweepgate", config->state.c_str());
    STRCMP_EQUAL("ipc:///run/sweepgate/controller/updates", config->publish.updates.at(0).c_str());
    CHECK_EQUAL(60'000, config->resolver.interval.count());
    CHECK_EQUAL(4U, config->resolver.timeouts.size());
    CHECK_EQUAL(86'400, config->hold_down.count());
}

TEST(ControllerConfig, NamesFileLineAndValueOfAFault) {
    STRCMP_EQUAL("sweepgated.toml: line 2: unknown key 'intervall_ms'",
                 fault("[resolver]\nintervall_ms = 5\n").c_str());
    STRCMP_EQUAL("sweepgated.toml: line 2: interval_ms = 5 is not within 200..86400000",
                 fault("[resolver]\ninterval_ms = 5\n").c_str());
    STRCMP_EQUAL("sweepgated.toml: line 2: 'udp://x' is neither ipc:// nor tcp://",
                 fault("[publish]\nupdates = ['udp://x']\n").c_str());
}

TEST(ControllerConfig, RefusesTcpWithoutKeys) {
    STRCMP_EQUAL("sweepgated.toml: line 2: a tcp:// endpoint needs curve_key and authorized_keys",
                 fault("[publish]\nupdates = ['tcp://127.0.0.1:7401']\n").c_str());
}
