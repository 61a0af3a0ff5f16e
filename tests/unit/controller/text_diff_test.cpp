// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/text_diff.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::controller;

namespace {

std::string shown(std::string_view from, std::string_view to, std::size_t around = 1) {
    std::string all;
    for (const auto& line : text_diff(from, to, around).lines) all += line + "|";
    return all;
}

} // namespace

TEST_GROUP(TextDiff){};

TEST(TextDiff, IsEmptyBetweenEquals) {
    STRCMP_EQUAL("", shown("a\nb\n", "a\nb\n").c_str());
    STRCMP_EQUAL("", shown("", "").c_str());
    STRCMP_EQUAL("", shown("a\r\nb", "a\nb\n").c_str()); // line ends are no difference
}

TEST(TextDiff, ShowsWhatCameAndWentWithWhatIsAround) {
    STRCMP_EQUAL("@@ -2 +2 @@| b|-c|+x| d|", shown("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\n").c_str());
    STRCMP_EQUAL("@@ -1 +1 @@|+x| a|", shown("a\nb\n", "x\na\nb\n").c_str());
    STRCMP_EQUAL("@@ -1 +1 @@|-a|", shown("a\n", "").c_str());
}

TEST(TextDiff, KeepsDistantChangesApart) {
    STRCMP_EQUAL("@@ -1 +1 @@|-1| 2|@@ -6 +5 @@| 6|-7|",
                 shown("1\n2\n3\n4\n5\n6\n7\n", "2\n3\n4\n5\n6\n").c_str());
}

TEST(TextDiff, GivesUpLookingWhereTooMuchDiffers) {
    std::string from;
    std::string to;
    for (int i = 0; i < 3000; ++i) {
        from += "a" + std::to_string(i) + "\n";
        to += "b" + std::to_string(i) + "\n";
    }
    const auto diff = text_diff(from, to);
    CHECK_EQUAL(3000U, diff.added);
    CHECK_EQUAL(3000U, diff.removed);
}
