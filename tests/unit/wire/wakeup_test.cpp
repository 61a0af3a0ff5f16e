// SPDX-License-Identifier: Apache-2.0
// What waits for a socket thread that is busy.
#include "controlplane/wire/wakeup.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::wire;

TEST_GROUP(Wakeup) {
    Wakeup wakeup;
    std::string done;
    Wakeup::Work note(const std::string& what) {
        return [this, what] { done += what; };
    }
};

TEST(Wakeup, RunsWhatWasPostedInOrderAndOnce) {
    CHECK_TRUE(wakeup.post(note("a")));
    CHECK_TRUE(wakeup.post(note("b")));
    wakeup.run_posted();
    wakeup.run_posted();
    STRCMP_EQUAL("ab", done.c_str());
}

TEST(Wakeup, KeepsTheNewestOfAKey) {
    CHECK_TRUE(wakeup.post_newest("report branch7", note("1")));
    CHECK_TRUE(wakeup.post_newest("report branch8", note("x")));
    CHECK_TRUE(wakeup.post_newest("report branch7", note("2")));
    wakeup.run_posted();
    STRCMP_EQUAL("2x", done.c_str());
    CHECK_TRUE(wakeup.post_newest("report branch7", note("3")));
    wakeup.run_posted();
    STRCMP_EQUAL("2x3", done.c_str());
}

TEST(Wakeup, RefusesMoreThanItsNumber) {
    for (std::size_t i = 0; i < kMaxPosted; ++i) CHECK_TRUE(wakeup.post([] {}));
    CHECK_FALSE(wakeup.post(note("a")));
    CHECK_FALSE(wakeup.post_newest("report branch7", note("b")));
    wakeup.order("stop", note("c")); // but never an own order
    wakeup.run_posted();
    STRCMP_EQUAL("c", done.c_str());
    CHECK_TRUE(wakeup.post([] {}));
}

TEST(Wakeup, RefusesMoreThanItsBytes) {
    CHECK_TRUE(wakeup.post_newest("report branch7", note("a"), kMaxPostedBytes));
    CHECK_FALSE(wakeup.post(note("b"), 1));
    CHECK_TRUE(wakeup.post_newest("report branch7", note("c"), 1)); // frees what it replaces
    CHECK_TRUE(wakeup.post(note("d"), 1));
    wakeup.run_posted();
    STRCMP_EQUAL("cd", done.c_str());
}
