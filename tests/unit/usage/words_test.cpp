// SPDX-License-Identifier: Apache-2.0
#include "controlplane/usage/usage.hpp"
#include "controlplane/usage/words.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::usage;

TEST_GROUP(UsageWords){};

TEST(UsageWords, SayWhatIsWrongWithAValue) {
    STRCMP_EQUAL("'abc' is no number", refused_value("Value abc not in range 1 to 1000").c_str());
    STRCMP_EQUAL("5000 is not within 1 to 1000",
                 refused_value("Value 5000 not in range 1 to 1000").c_str());
    STRCMP_EQUAL("'clyent' is not client, port or all; did you mean 'client'?",
                 refused_value("clyent not in {client,port,all}").c_str());
    STRCMP_EQUAL("something else", refused_value("something else").c_str());
    STRCMP_EQUAL("--window: 'abc' is no number",
                 not_converted("Could not convert: --window = abc").c_str());
}

TEST(UsageWords, KnowAPlaceInAFile) {
    CHECK_TRUE(names_a_place("policy.toml:2:1: unknown key"));
    CHECK_TRUE(names_a_place("<stdin>:12:34: unknown key"));
    CHECK_TRUE(names_a_place("/a:b/p.toml:2:1: x"));
    for (const auto* line : {"", ":2:1: x", "tcp://127.0.0.1:7402: connection refused",
                             "2001:db8::1: no answer", "p.toml:2: x", "p.toml:2:1:x"})
        CHECK_FALSE_TEXT(names_a_place(line), line);
}

TEST(UsageWords, StandBehindTheProgramsName) {
    STRCMP_EQUAL("sweepgate: no answer\n", complaint("sweepgate", "no answer").c_str());
    STRCMP_EQUAL("p:1:1: x\np:2:1: y\np: and 3 more\n",
                 complaint("sweepgate", "p:1:1: x\np:2:1: y\np: and 3 more").c_str());
    STRCMP_EQUAL("sweepgate: a?b\n", complaint("sweepgate", "a\x1b"
                                                            "b")
                                         .c_str());
}
