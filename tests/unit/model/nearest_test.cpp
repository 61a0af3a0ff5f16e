// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/nearest.hpp"

#include <array>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const std::array<std::string, 4> kKnown{"aim", "icq", "telegram", "whatsapp"};

} // namespace

TEST_GROUP(Nearest){};

TEST(Nearest, CountsEditsAndSwaps) {
    CHECK_EQUAL(0U, edit_distance("icq", "icq"));
    CHECK_EQUAL(1U, edit_distance("iqc", "icq"));
    CHECK_EQUAL(1U, edit_distance("aimm", "aim"));
    CHECK_EQUAL(3U, edit_distance("", "aim"));
    CHECK_EQUAL(3U, edit_distance("kitten", "sitting"));
}

TEST(Nearest, FindsTheMistypedWord) {
    STRCMP_EQUAL("whatsapp", nearest_word("whatsap", kKnown).c_str());
    STRCMP_EQUAL("telegram", nearest_word("telgeram", kKnown).c_str());
    STRCMP_EQUAL("; did you mean 'aim'?", did_you_mean("aimm", kKnown).c_str());
}

TEST(Nearest, StaysSilentWhenNothingIsClose) {
    STRCMP_EQUAL("", nearest_word("frobnicator", kKnown).c_str());
    STRCMP_EQUAL("", nearest_word(std::string(10'000, 'a'), kKnown).c_str());
    STRCMP_EQUAL("", did_you_mean("frobnicator", kKnown).c_str());
}
