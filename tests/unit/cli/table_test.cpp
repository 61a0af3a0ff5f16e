// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/table.hpp"

#include <sstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;

namespace {

std::string printed(const Table& table, const Screen& screen = {}) {
    std::ostringstream out;
    set_screen(out, screen);
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

TEST(Table, GivesIdeographsTwoColumnsAndCombiningMarksNone) {
    Table table({"A", "B"});
    table.add({"会議", "x"});
    table.add({"e\u0301", "y"});
    STRCMP_EQUAL("A     B\n会議  x\ne\u0301     y\n", printed(table).c_str());
}

TEST(Table, LetsNoControlCharacterThrough) {
    Table table({"A"});
    table.add({"x\ny\033[2J"});
    STRCMP_EQUAL("A\nx?y?[2J\n", printed(table).c_str());
}

TEST(Table, LosesTheColumnOfTheHighestRankFirst) {
    Table table({"GATE", Column("KIND").rank(2), Column("SCHEDULES").rank(1)});
    table.add({"lab/dpdk", "dpdk", "lunch, night"});
    STRCMP_EQUAL("GATE      KIND  SCHEDULES\nlab/dpdk  dpdk  lunch, night\n",
                 printed(table, {28}).c_str());
    STRCMP_EQUAL("GATE      SCHEDULES\nlab/dpdk  lunch, night\n", printed(table, {27}).c_str());
    STRCMP_EQUAL("GATE\nlab/dpdk\n", printed(table, {21}).c_str());
}

TEST(Table, CutsWhatMayBeCutBeforeAColumnGoes) {
    Table table({Column("NAME").cuts(6), Column("KIND").rank(1)});
    table.add({"irc.libera.chat", "dns"});
    STRCMP_EQUAL("NAME    KIND\nirc.l…  dns\n", printed(table, {12}).c_str());
    STRCMP_EQUAL("NAME    KIND\nirc...  dns\n", printed(table, {12, true}).c_str());
    STRCMP_EQUAL("NAME\nirc.liber…\n", printed(table, {10}).c_str());
}

TEST(Table, ContinuesACellInTheLineBelow) {
    Table table({"GATE", Column("STATE").wraps(10), ">GEN"});
    table.add({"lab", "refuses: the batch is too big", "7"});
    STRCMP_EQUAL("GATE  STATE          GEN\n"
                 "lab   refuses: the     7\n"
                 "      batch is too\n"
                 "      big\n",
                 printed(table, {24}).c_str());
}

TEST(Table, NeverCutsANumber) {
    Table table({"SYSTEM", ">DROPPED"});
    table.add({"telegram", "12345678"});
    STRCMP_EQUAL("SYSTEM     DROPPED\ntelegram  12345678\n", printed(table, {10}).c_str());
}

TEST(Table, LeavesOutAColumnThatSaysNothing) {
    Table table({"SYSTEM", Column(">LIMITED").unless_empty(), Column(">DROPPED").unless_empty()});
    table.add({"irc", "0", "7"});
    table.add({"aim", "", "0"});
    STRCMP_EQUAL("SYSTEM  DROPPED\nirc           7\naim           0\n", printed(table).c_str());
}
