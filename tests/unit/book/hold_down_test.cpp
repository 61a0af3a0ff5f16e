// SPDX-License-Identifier: Apache-2.0
// The rules by which an address enters, stays and leaves.
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(HoldDown) {
    Folder folder;
    BookOptions options{std::chrono::seconds{100}, 3, 1, 1024, 8, 100'000};
    std::optional<Book> book;

    void setup() override { open(); }
    void open() {
        book.reset();
        book = opened(folder.book(), options);
    }
};

TEST(HoldDown, KeepsAnAddressUntilTimeAndAbsencesAreBothOver) {
    recorded(*book, {answer(0, {"198.51.100.1", "198.51.100.2"})});
    for (const auto now : {10, 20}) recorded(*book, {answer(now, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.1 198.51.100.2", in_force(*book, 500).c_str()); // 2 absences
    recorded(*book, {answer(30, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.1 198.51.100.2", in_force(*book, 99).c_str()); // 3, but too soon
    STRCMP_EQUAL("198.51.100.2", in_force(*book, 100).c_str());
}

TEST(HoldDown, StartsAnewWithEachSighting) {
    recorded(*book, {answer(0, {"198.51.100.1"})});
    for (const auto now : {10, 20}) recorded(*book, {answer(now, {"198.51.100.2"})});
    recorded(*book, {answer(30, {"198.51.100.1"})});
    for (const auto now : {40, 50}) recorded(*book, {answer(now, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.1 198.51.100.2", in_force(*book, 1000).c_str());
}

TEST(HoldDown, IsUntouchedByEveryKindOfFailure) {
    recorded(*book, {answer(0, {"198.51.100.1"})});
    for (const auto outcome : {NameOutcome::timeout, NameOutcome::server_failure,
                               NameOutcome::refused, NameOutcome::malformed})
        for (std::int64_t now = 1; now < 10; ++now) recorded(*book, {silence(now * 1000, outcome)});
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1'000'000).c_str());
    CHECK_EQUAL(36U, book->names()->at(0).failures);
    CHECK_TRUE(book->names()->at(0).last_outcome == NameOutcome::malformed);
}

TEST(HoldDown, CountsWhatReturns) {
    recorded(*book, {answer(0, {"198.51.100.1"})});
    for (const auto now : {10, 20, 30}) recorded(*book, {answer(now, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.2", in_force(*book, 200).c_str());
    const auto outcome = recorded(*book, {answer(200, {"198.51.100.1"})});
    CHECK_EQUAL(0U, outcome.added);
    CHECK_EQUAL(1U, outcome.returned);
    CHECK_TRUE(outcome.changed());
    STRCMP_EQUAL("198.51.100.1 198.51.100.2", in_force(*book, 200).c_str());
    CHECK_FALSE(recorded(*book, {answer(210, {"198.51.100.1"})}).changed());
}

TEST(HoldDown, KeepsFamiliesApart) {
    options.denied_for = std::chrono::seconds{10};
    open();
    recorded(*book, {answer(0, {"198.51.100.1"}), answer(0, {"2001:db8::1"})});
    auto no_ipv6 = silence(0, NameOutcome::no_data);
    no_ipv6.type = Family::ipv6;
    for (const auto now : {10, 20, 30, 40, 50}) {
        no_ipv6.time = at(now);
        recorded(*book, {no_ipv6});
    }
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1000).c_str());
}

TEST(HoldDown, SurvivesAClockThatJumpsBack) {
    recorded(*book, {answer(1000, {"198.51.100.1"})});
    for (const auto now : {10, 20, 30}) recorded(*book, {answer(now, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.1 198.51.100.2", in_force(*book, 40).c_str());
    CHECK_TRUE(book->history("login.example.com", at(40))->at(0).last_seen == at(1000));
}

TEST(HoldDown, CapEvictsTheLeastRecentlySeen) {
    options.cap_per_name = 3;
    open();
    recorded(*book, {answer(0, {"198.51.100.1", "198.51.100.2", "198.51.100.3"})});
    recorded(*book, {answer(10, {"198.51.100.1"})});
    const auto outcome = recorded(*book, {answer(20, {"198.51.100.4", "198.51.100.5"})});
    CHECK_EQUAL(2U, outcome.evicted);
    STRCMP_EQUAL("198.51.100.1 198.51.100.4 198.51.100.5", in_force(*book, 20).c_str());
    CHECK_EQUAL(2U, book->names()->at(0).evicted);
}

TEST(HoldDown, CapCutsAnAnswerThatHoldsMoreAndWritesTheSameOnesEachTime) {
    options.cap_per_name = 3;
    open();
    const std::vector<std::string> flood{"198.51.100.5", "198.51.100.4", "198.51.100.3",
                                         "198.51.100.2", "198.51.100.1"};
    const std::vector<std::string> turned(flood.rbegin(), flood.rend());
    CHECK_EQUAL(3U, recorded(*book, {answer(0, flood)}).added);
    CHECK_FALSE(recorded(*book, {answer(10, turned)}).changed());
    STRCMP_EQUAL("198.51.100.3 198.51.100.4 198.51.100.5", in_force(*book, 20).c_str());
    const auto name = book->names()->at(0);
    CHECK_EQUAL(4U, name.evicted);
    CHECK_FALSE(name.completeness.coverage().has_value()); // of what is kept, nothing is missing
}

TEST(HoldDown, IsShortForWhatIsToBeLeftAlone) {
    options.hold_down_left_alone = std::chrono::seconds{10};
    open();
    for (const auto role :
         {Role::server, Role::protected_host, Role::sanctioned, Role::never_block, Role::service}) {
        auto seen = answer(0, {"198.51.100.1"});
        seen.name.role = role;
        recorded(*book, {seen});
        for (const auto now : {1, 2, 3}) {
            seen = answer(now, {"198.51.100.2"});
            seen.name.role = role;
            recorded(*book, {seen});
        }
    }
    const auto entries = book->history(*parse_address("198.51.100.1"), at(20));
    CHECK_EQUAL(5U, entries->size());
    for (const auto& entry : *entries) CHECK_EQUAL(!is_left_alone(entry.name.role), entry.in_force);
}

TEST(HoldDown, StandsStillWhileNobodyAnswers) {
    recorded(*book, {answer(0, {"198.51.100.1", "198.51.100.2"})});
    for (const auto now : {10, 20, 30}) recorded(*book, {answer(now, {"198.51.100.2"})});
    for (std::int64_t now = 40; now < 1000; now += 10)
        recorded(*book, {silence(now, NameOutcome::timeout)});
    CHECK_TRUE(book->evidence() == at(30));
    open();
    CHECK_TRUE(book->evidence() == at(30));
    STRCMP_EQUAL("198.51.100.1 198.51.100.2",
                 in_force(*book, to_seconds(book->evidence())).c_str());
    auto other = answer(1000, {"198.51.100.9"});
    other.name.hostname = "other.example.com";
    recorded(*book, {other}); // somebody answers again, and time goes on for all
    STRCMP_EQUAL("198.51.100.2 198.51.100.9",
                 in_force(*book, to_seconds(book->evidence())).c_str());
}
