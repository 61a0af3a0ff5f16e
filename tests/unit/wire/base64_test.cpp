// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/base64.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::wire;

TEST_GROUP(Base64){};

TEST(Base64, IsThatOfTheRfc) { // RFC 4648, 10
    STRCMP_EQUAL("", to_base64("").c_str());
    STRCMP_EQUAL("Zg==", to_base64("f").c_str());
    STRCMP_EQUAL("Zm9vYmFy", to_base64("foobar").c_str());
    STRCMP_EQUAL("+/8=", to_base64("\xFB\xFF").c_str());
}

TEST(Base64, GivesBackEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        CHECK_TRUE(from_base64(to_base64(bytes)).value() == bytes);
        bytes.push_back(static_cast<char>(i));
    }
}

TEST(Base64, RefusesWhatIsNone) {
    for (const auto* text : {"Z", "Zg", "Zg=", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-", "===="})
        CHECK_FALSE(from_base64(text).has_value());
}
