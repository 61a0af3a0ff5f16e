// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/client_prefix.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string kept(std::string_view setting, std::string_view client) {
    const auto prefix = parse_client_prefix(setting).value().of(parse_address(client).value());
    return prefix ? to_string(*prefix) : "nothing";
}

} // namespace

TEST_GROUP(ClientPrefix){};

TEST(ClientPrefix, KeepsTheLeadingBits) {
    STRCMP_EQUAL("192.0.2.77/32", kept("32,128", "192.0.2.77").c_str());
    STRCMP_EQUAL("192.0.2.0/24", kept("24,48", "192.0.2.77").c_str());
    STRCMP_EQUAL("2001:db8:5::/48", kept("24,48", "2001:db8:5:6::7").c_str());
    STRCMP_EQUAL("nothing", kept("0,0", "192.0.2.77").c_str());
    STRCMP_EQUAL("nothing", kept("24,0", "2001:db8::1").c_str());
    CHECK_TRUE(parse_client_prefix(to_string(ClientPrefix{9, 17})).value() ==
               (ClientPrefix{9, 17}));
}

TEST(ClientPrefix, RefusesWhatIsNone) {
    for (const auto* text : {"", "24", ",", "24,", ",48", "33,48", "24,129", "-1,48", "24,48,1",
                             "24, 48", "0x18,48", "999999999999,1"})
        CHECK_FALSE(parse_client_prefix(text).has_value());
    STRCMP_CONTAINS("'33,48' is not", parse_client_prefix("33,48").error().what.c_str());
}
