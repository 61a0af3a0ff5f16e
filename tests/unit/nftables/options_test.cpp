// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/options.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::nftables;

TEST_GROUP(Options){};

TEST(Options, TakeTheDefaults) { CHECK_TRUE(check({}).has_value()); }

TEST(Options, RefuseATableNameThatNftCouldMisread) {
    for (const char* name : {"", "a b", "x;", "9lives", "a-b", "\xC3\xA4"}) {
        GateOptions options;
        options.table = name;
        CHECK_FALSE_TEXT(check(options).has_value(), name);
    }
}

TEST(Options, RefuseAPriorityOutOfRangeAndAPrefixWithHostBits) {
    GateOptions options;
    options.priority = 10'001;
    CHECK_FALSE(check(options).has_value());
    options = {};
    options.management = {{ipv4(0xC0000201), 24}};
    STRCMP_CONTAINS("192.0.2.1/24", check(options).error().what.c_str());
}

TEST(Options, HaveOneChecksumForOneMeaning) {
    GateOptions a;
    a.management = {*parse_prefix("192.0.2.0/25"), *parse_prefix("192.0.2.128/25")};
    GateOptions b;
    b.management = {*parse_prefix("192.0.2.0/24")};
    CHECK_EQUAL(checksum(a), checksum(b));
    b.output = false;
    CHECK_TRUE(checksum(a) != checksum(b));
    CHECK_TRUE(checksum(GateOptions{}) != checksum(a));
}
