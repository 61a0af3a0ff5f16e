// SPDX-License-Identifier: Apache-2.0
#include "dataplane/who/ledger.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::who;
using namespace std::chrono_literals;

TEST_GROUP(Ledger) {
    const SteadyClock::time_point start = SteadyClock::now();
    Options options;
    Ledger ledger{options, start};
    std::vector<SystemNumber> numbers =
        ledger.names.numbers_of({{"irc", "IRC", "irc", {}, {}}, {"aim", "AIM", "im", {}, {}}});

    void note(std::uint32_t client, std::size_t system, std::uint16_t port,
              SteadyClock::time_point now, std::uint64_t weight = 1) {
        ledger.note({host(ipv4(client)), numbers[system], 6, port, PortClass::other, weight}, now,
                    1'000);
    }
    std::vector<Talker> top(TalkersBy by, std::uint32_t minutes, SteadyClock::time_point now) {
        return ledger.top({by, 10, minutes}, now).talkers;
    }
};

TEST(Ledger, CountsByEachDimension) {
    for (std::uint32_t i = 0; i < 30; ++i)
        note(i % 3, i % 2, static_cast<std::uint16_t>(i % 5), start);
    for (int i = 0; i < 100; ++i) note(7, 1, 443, start);
    const auto clients = ledger.top({TalkersBy::client, 2, 0}, start);
    CHECK_EQUAL(130U, clients.packets);
    CHECK_EQUAL(10U, clients.floor); // the third
    CHECK_EQUAL(2U, clients.talkers.size());
    CHECK_TRUE(clients.talkers[0] == (Talker{host(ipv4(7)), "", 0, {}, 100, 0}));
    CHECK_EQUAL(10U, clients.talkers[1].packets);
    const auto systems = top(TalkersBy::system, 0, start);
    CHECK_TRUE(systems[0] == (Talker{{}, "aim", 0, {}, 115, 0}));
    CHECK_TRUE(systems[1] == (Talker{{}, "irc", 0, {}, 15, 0}));
    CHECK_TRUE(top(TalkersBy::port, 0, start)[0] == (Talker{{}, "", 6, 443, 100, 0}));
    CHECK_TRUE(top(TalkersBy::all, 0, start)[0] == (Talker{host(ipv4(7)), "aim", 6, 443, 100, 0}));
}

TEST(Ledger, GivesEveryRowAnErrorWhereHitsLeftNoRecord) {
    for (int i = 0; i < 30; ++i) note(1, 0, 1, start);
    note(2, 0, 1, start, 3); // two others behind it: of client 2, 1, or another
    const auto sampled = ledger.top({TalkersBy::client, 10, 0}, start);
    CHECK_EQUAL(33U, sampled.packets);
    CHECK_TRUE(sampled.talkers[0] == (Talker{host(ipv4(1)), "", 0, {}, 30, 2}));
    CHECK_TRUE(sampled.talkers[1] == (Talker{host(ipv4(2)), "", 0, {}, 3, 2}));
    CHECK_EQUAL(2U, sampled.floor);
    // A window without such records is exact again.
    note(3, 0, 1, start + 10min);
    const auto exact = ledger.top({TalkersBy::client, 10, 5}, start + 10min);
    CHECK_TRUE(exact.talkers[0] == (Talker{host(ipv4(3)), "", 0, {}, 1, 0}));
    CHECK_EQUAL(2U, ledger.top({TalkersBy::client, 10, 0}, start + 10min).talkers[0].error);
}

TEST(Ledger, NamesALikelyErrorWhereMostHitsLeftNoRecord) {
    for (int i = 0; i < 10'000; ++i) note(1, 0, 1, start, 64);
    note(2, 0, 1, start);
    const auto rows = top(TalkersBy::client, 0, start);
    CHECK_EQUAL(640'000U, rows[0].packets);
    CHECK_EQUAL(4U * 64 * 100 + 7 * 64, rows[0].error);
    CHECK_EQUAL(7U * 64, rows[1].error);
}

TEST(Ledger, LooksBackOverMinutes) {
    note(1, 0, 1, start);
    note(2, 0, 1, start + 90s);
    note(3, 0, 1, start + 150s);
    CHECK_EQUAL(2U, top(TalkersBy::client, 1, start + 151s).size()); // a whole minute, and this one
    CHECK_EQUAL(3U, top(TalkersBy::client, 2, start + 151s).size());
    CHECK_EQUAL(3U, top(TalkersBy::client, 0, start + 151s).size());
    CHECK_EQUAL(1U, top(TalkersBy::client, 5, start + 7min + 30s).size());
    CHECK_EQUAL(0U, top(TalkersBy::client, 5, start + 24h).size());
    CHECK_EQUAL(3U, top(TalkersBy::client, 0, start + 24h).size());
}

TEST(Ledger, TellsEachCombinationOnceAndCountsWhatItHoldsBack) {
    for (int again = 0; again < 3; ++again)
        for (std::uint32_t client = 0; client < 300; ++client) note(client, 0, 443, start);
    const auto first = ledger.take_events();
    CHECK_EQUAL(200U, first.events.size());
    CHECK_EQUAL(100U, first.suppressed);
    CHECK_TRUE(first.events[0] ==
               (HitEvent{1'000, host(ipv4(0)), "irc", 6, 443, PortClass::other}));
    const auto second = ledger.take_events();
    CHECK_EQUAL(0U, second.events.size());
    CHECK_EQUAL(0U, second.suppressed);
}

TEST(Ledger, NumbersSystemsForGood) {
    const auto again = ledger.names.numbers_of({{"msn", "", "", {}, {}}, {"irc", "", "", {}, {}}});
    CHECK_EQUAL(numbers[0], again[1]);
    STRCMP_EQUAL("msn", ledger.names.id_of(again[0]).c_str());
    STRCMP_EQUAL("?", ledger.names.id_of(60'000).c_str());
}
