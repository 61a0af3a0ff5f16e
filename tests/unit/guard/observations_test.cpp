// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/observations.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string fault(std::string_view text) {
    const auto parsed = parse_observations(text, "observed");
    return parsed ? "fine" : parsed.error().what;
}

} // namespace

TEST_GROUP(Observations){};

TEST(Observations, AreNamesOrNumbersByAddress) {
    const auto parsed = parse_observations("# seen in November\n\n192.0.2.1 B.example.com "
                                           "a.example.com  a.example.com # twice\r\n"
                                           "2001:db8::1\t12\n192.0.2.1 3",
                                           "observed");
    CHECK_TRUE(parsed.has_value());
    const auto& first = parsed->at(*parse_address("192.0.2.1"));
    CHECK_EQUAL(2U, first.names.size());
    STRCMP_EQUAL("a.example.com", first.names[0].c_str());
    CHECK_EQUAL(3U, first.more);
    CHECK_EQUAL(12U, parsed->at(*parse_address("2001:db8::1")).more);
}

TEST(Observations, AreCountedPastTheBound) {
    std::string line = "192.0.2.1";
    for (int i = 0; i < 40; ++i) line += " n" + std::to_string(i) + ".example.com";
    const auto parsed = parse_observations(line, "observed");
    const auto& seen = parsed->at(*parse_address("192.0.2.1"));
    CHECK_EQUAL(kMaxObservedNames, seen.names.size());
    CHECK_EQUAL(8U, seen.more);
}

TEST(Observations, RefuseWhatIsWrongByLine) {
    STRCMP_CONTAINS("observed: line 2: ", fault("192.0.2.1 4\n192.0.2 4\n").c_str());
    STRCMP_CONTAINS("observed: line 1: ", fault("192.0.2.1 a..b\n").c_str());
    STRCMP_CONTAINS("line 1", fault("192.0.2.1 99999999999999999999999\n").c_str());
    std::string many;
    for (std::uint32_t i = 0; i <= kMaxObservedAddresses; ++i)
        many += to_string(ipv4(0x2D000000 + i)) + " 1\n";
    STRCMP_CONTAINS("line 100001: more than 100000 addresses", fault(many).c_str());
}
