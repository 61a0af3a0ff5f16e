// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/table.hpp"

#include <sstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;

namespace {

std::string printed(const Table& table) {
    std::ostringstream out;
    table.print(out);
    return out.str();
}

} // namespace

TEST_GROUP(Table){};

TEST(Table, AlignsWordsLeftAndNumbersRight) {
    Table table({"SYSTEM", ">DROPPED"});
    table.add({"irc", "7"});
    table.add({"telegram", "12345678"});
    STRCMP_EQUAL("SYSTEM     DROPPED\n"
                 "irc              7\n"
                 "telegram  12345678\n",
                 printed(table).c_str());
}

TEST(Table, CountsCharactersNotBytes) {
    Table table({"A", "B"});
    table.add({"…", "x"});
    table.add({"a", "y"});
    STRCMP_EQUAL("A  B\n…  x\na  y\n", printed(table).c_str());
}

TEST(Table, LetsNoControlCharacterThrough) {
    STRCMP_EQUAL("a?[2Jb", printable("a\033[2Jb").c_str());
    STRCMP_EQUAL("\xC2?2J\xC3\x9B", printable("\xC2\x9B"
                                              "2J\xC3\x9B")
                                        .c_str()); // CSI of C1; U+00DB
    Table table({"A"});
    table.add({"x\ny"});
    STRCMP_EQUAL("A\nx?y\n", printed(table).c_str());
}
