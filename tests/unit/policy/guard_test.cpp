// SPDX-License-Identifier: Apache-2.0
// The policy's [guard].
#include "controlplane/policy/policy.hpp"

#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

Result<Policy> parsed(const std::string& guard) {
    return parse_policy("[guard]\n" + guard, "policy.toml", test::shipped_catalog());
}
std::string fault(const std::string& guard) {
    const auto policy = parsed(guard);
    return policy ? "fine" : policy.error().what;
}

} // namespace

TEST_GROUP(GuardSection){};

TEST(GuardSection, SaysWhatIsBelieved) {
    const auto policy = parsed("quorum = 3\nquorum_repeats = false\nmost_per_answer = 5\n"
                               "shared_from = 70\nnat64 = ['2001:db8:64::/96']\n"
                               "[guard.zones]\nirc = ['Hosting.example.net']\n");
    CHECK_TRUE(policy.has_value());
    CHECK_EQUAL(3U, policy->belief.quorum);
    CHECK_FALSE(policy->belief.repeats);
    CHECK_EQUAL(5U, policy->belief.most_per_answer);
    CHECK_EQUAL(1024U, policy->belief.most_per_name);
    CHECK_EQUAL(70U, policy->belief.shared_from);
    CHECK_EQUAL(1U, policy->nat64.size());
    STRCMP_EQUAL("hosting.example.net", policy->approved_zones.at("irc").at(0).c_str());
}

TEST(GuardSection, RefusesWhatCannotBeByLine) {
    STRCMP_CONTAINS(":2:10: ", fault("quorum = 0\n").c_str());
    STRCMP_CONTAINS(":2:9: 2001:db8::/33 is no translation prefix",
                    fault("nat64 = ['2001:db8::/33']\n").c_str());
    STRCMP_CONTAINS("is no translation prefix", fault("nat64 = ['192.0.2.0/24']\n").c_str());
    STRCMP_CONTAINS("irk", fault("[guard.zones]\nirk = ['example.net']\n").c_str());
    STRCMP_CONTAINS(":3:8: ", fault("[guard.zones]\nirc = ['*.example.net']\n").c_str());
}
