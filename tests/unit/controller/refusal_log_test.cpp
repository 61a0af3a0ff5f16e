// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/refusal_log.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using namespace std::chrono_literals;

TEST_GROUP(RefusalLog) {
    RefusalLog log;
    RefusalLog::Steady noon{1000h};

    void refuse(const std::string& name, const std::string& verb, RefusalLog::Steady now) {
        log.add({{wire::Role::viewer, name, "192.0.2.7", "3f2a9c0d1e5b7a86"},
                 "",
                 verb,
                 "viewer may not"},
                now);
    }
    void knock(const std::string& key, RefusalLog::Steady now) {
        log.add({{wire::Role::gate, "", "192.0.2.9"}, key, "connect", "not in authorized_keys"},
                now);
    }
};

TEST(RefusalLog, WritesTheFirstAtOnceWithNameAndAddress) {
    refuse("bob", "push", noon);
    const auto due = log.take(noon);
    CHECK_EQUAL(1U, due.size());
    STRCMP_EQUAL("bob", due[0].who.c_str());
    STRCMP_EQUAL("viewer, key 3f2a9c0d1e5b7a86, 192.0.2.7", due[0].origin.c_str());
    STRCMP_EQUAL("192.0.2.7", due[0].address.c_str());
    STRCMP_EQUAL("push", due[0].verb.c_str());
    CHECK_TRUE(log.take(noon).empty());
}

TEST(RefusalLog, WritesWhatIsPermittedOnceAnHour) {
    const auto read = [&](RefusalLog::Steady now) {
        log.add({{wire::Role::viewer, "bob", "192.0.2.7", "3f2a9c0d1e5b7a86"}, "", "status", ""},
                now);
    };
    read(noon);
    STRCMP_EQUAL("", log.take(noon).at(0).result.c_str());
    for (int i = 0; i < 3000; ++i) read(noon + 1s * i);
    CHECK_TRUE(log.take(noon + 3599s).empty());
    LONGS_EQUAL(3000, log.take(noon + 3600s).at(0).times);
}

TEST(RefusalLog, CountsWhatRepeatsAndWritesItOnceAMinute) {
    for (int i = 0; i < 10'000; ++i) refuse("bob", "push", noon);
    LONGS_EQUAL(10'000, log.take(noon).at(0).times);
    for (int i = 0; i < 5'000; ++i) refuse("bob", "push", noon + 1s);
    CHECK_TRUE(log.take(noon + 59s).empty());
    LONGS_EQUAL(5'000, log.take(noon + 60s).at(0).times);
}

TEST(RefusalLog, IsBoundedHoweverManyKindsThereAre) {
    for (int i = 0; i < 10'000; ++i) refuse("bob", "verb" + std::to_string(i), noon);
    std::size_t written = 0;
    for (int second = 0; second < 100; ++second) {
        const auto due = log.take(noon + std::chrono::milliseconds(second));
        CHECK_TRUE(due.size() <= RefusalLog::kMostAtOnce);
        written += due.size();
    }
    CHECK_TRUE(written <= RefusalLog::kMostKinds + 1);
}

TEST(RefusalLog, NamesAKeyThatKnocksForFiveMinutes) {
    CHECK_TRUE(log.knocking(noon).empty());
    knock("xY3abcde...", noon);
    STRCMP_EQUAL("key xY3abcde... refused from 192.0.2.9: not in authorized_keys",
                 log.knocking(noon + 299s).c_str());
    knock("zZ9abcde...", noon + 10s);
    STRCMP_CONTAINS("zZ9abcde...", log.knocking(noon + 20s).c_str());
    STRCMP_CONTAINS("and 1 more", log.knocking(noon + 20s).c_str());
    CHECK_TRUE(log.knocking(noon + 310s).empty());
}
