// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/alarm_board.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(AlarmBoard) {
    AlarmBoard board;
    Instant first{1h};
    Instant later{2h};
};

TEST(AlarmBoard, KeepsABeginningWhileItStandsAndNamesItsEnd) {
    board.update("guard", {{"held", "irc", "a", first}}, first);
    board.update("guard", {{"held", "irc", "b", later}}, later);
    CHECK_EQUAL(1U, board.standing().size());
    CHECK_TRUE(board.standing()[0].since == first);
    STRCMP_EQUAL("b", board.standing()[0].text.c_str());
    board.update("guard", {}, later);
    CHECK_TRUE(board.standing().empty());
    const auto ended = board.newest(10);
    CHECK_EQUAL(1U, ended.size());
    CHECK_TRUE(ended[0].since == first && ended[0].until == later);
    board.update("guard", {{"held", "irc", "c", later}}, later);
    CHECK_EQUAL(2U, board.newest(10).size());
    STRCMP_EQUAL("c", board.newest(1)[0].text.c_str());
}

TEST(AlarmBoard, ASourceEndsItsOwnOnly) {
    board.update("guard", {{"held", "irc", "a", first}}, first);
    board.update("gates", {{"gate-silent", "", "b", first, Severity::broken, "box"}}, first);
    board.update("gates", {}, later);
    CHECK_EQUAL(1U, board.standing().size());
    STRCMP_EQUAL("held", board.standing()[0].kind.c_str());
}

TEST(AlarmBoard, PutsTheWorstFirst) {
    board.update("guard",
                 {{"held", "aim", "a", first}, {"no-ipv6", "a", "a", first, Severity::info}},
                 first);
    board.update("gates", {{"gate-silent", "", "b", first, Severity::broken, "box"}}, first);
    const auto standing = board.standing();
    STRCMP_EQUAL("gate-silent", standing[0].kind.c_str());
    STRCMP_EQUAL("no-ipv6", standing[2].kind.c_str());
}

TEST(AlarmBoard, HandsOutEachChangeOnceAndTakesItBack) {
    board.update("guard", {{"held", "irc", "a", first}}, first);
    auto changes = board.take_changes();
    CHECK_EQUAL(1U, changes.size());
    CHECK_TRUE(board.take_changes().empty());
    board.update("guard", {{"held", "irc", "a", later}}, later); // as it was
    CHECK_TRUE(board.take_changes().empty());
    board.update("guard", {}, later);
    board.take_back(changes); // the disk is full: the older word does not undo the newer
    changes = board.take_changes();
    CHECK_EQUAL(1U, changes.size());
    CHECK_TRUE(changes[0].alarm.until == later);
}

TEST(AlarmBoard, GoesOnWithWhatStoodBeforeARestart) {
    board.update("gates", {{"gate-silent", "", "b", first, Severity::broken, "box"}}, first);
    AlarmBoard after;
    after.restore(board.take_changes());
    CHECK_EQUAL(1U, after.standing().size());
    after.update("gates", {{"gate-silent", "", "b", later, Severity::broken, "box"}}, later);
    CHECK_TRUE(after.standing()[0].since == first);
    after.update("gates", {}, later);
    CHECK_TRUE(after.newest(1)[0].until == later);
    after.update("gates", {{"gate-silent", "", "b", later, Severity::broken, "box"}}, later);
    CHECK_EQUAL(2U, after.newest(10).size()); // another one, under a number of its own
}
