// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/ranges.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string told(const std::vector<Prefix>& prefixes) {
    std::string text;
    for (const auto& prefix : prefixes) text += (text.empty() ? "" : " ") + to_string(prefix);
    return text;
}

std::string left(const std::string& prefix, const std::vector<std::string>& less) {
    std::vector<Range> ranges;
    for (const auto& each : less) ranges.push_back(to_range(*parse_prefix(each)));
    return told(without(*parse_prefix(prefix), merge(std::move(ranges))));
}

} // namespace

TEST_GROUP(RangesOfAddresses){};

TEST(RangesOfAddresses, AreCutOutOfAPrefix) {
    STRCMP_EQUAL("198.51.100.0/24", left("198.51.100.0/24", {}).c_str());
    STRCMP_EQUAL("198.51.100.0/24",
                 left("198.51.100.0/24", {"198.51.99.0/24", "198.51.101.0/24"}).c_str());
    STRCMP_EQUAL("", left("198.51.100.0/24", {"198.51.100.0/23"}).c_str());
    STRCMP_EQUAL("198.51.100.0/25", left("198.51.100.0/24", {"198.51.100.128/25"}).c_str());
    STRCMP_EQUAL("198.51.100.1/32 198.51.100.3/32",
                 left("198.51.100.0/30", {"198.51.100.0", "198.51.100.2"}).c_str());
}

TEST(RangesOfAddresses, AreCutAtTheEndsOfTheAddressLine) {
    STRCMP_EQUAL("0.0.0.0/1", left("0.0.0.0/0", {"128.0.0.0/1"}).c_str());
    STRCMP_EQUAL("128.0.0.0/1", left("0.0.0.0/0", {"0.0.0.0/1"}).c_str());
    STRCMP_EQUAL("", left("::/0", {"::/0"}).c_str());
    STRCMP_EQUAL("8000::/1", left("::/0", {"::/1"}).c_str());
}

TEST(RangesOfAddresses, OfAnotherFamilyAreNothing) {
    STRCMP_EQUAL("198.51.100.0/24", left("198.51.100.0/24", {"::/0"}).c_str());
}
