// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Journal) {
    Folder folder;
    std::optional<Book> book;

    void setup() override { book = opened(folder.book(), {std::chrono::hours{1}, 3, 1, 9, 2, 3}); }
    Status publish(Generation number, int time = 100, const std::string& cause = "sweep") {
        PublishedGeneration generation{number, {}, at(time), cause, {1, 2, 3}};
        generation.digest.fill(static_cast<std::uint8_t>(number));
        return book->publish(generation);
    }
};

TEST(Journal, IsEmptyAtFirst) {
    CHECK_FALSE(book->latest()->has_value());
    CHECK_TRUE(book->generations(10)->empty());
    STRCMP_EQUAL("generation 1 is not known", book->generation(1).error().what.c_str());
}

TEST(Journal, ReturnsWhatWasPublished) {
    CHECK_TRUE(publish(5).has_value());
    const auto newest = **book->latest();
    CHECK_EQUAL(5U, newest.number);
    CHECK_EQUAL(5, newest.digest[31]);
    CHECK_TRUE(newest.time == at(100));
    STRCMP_EQUAL("sweep", newest.cause.c_str());
    CHECK_EQUAL(3U, newest.sealed.size());
}

TEST(Journal, KeepsSealedBytesOfTheLastOnly) {
    for (const Generation number : {1U, 2U, 3U})
        CHECK_TRUE(publish(number, static_cast<int>(number) * 4'000).has_value());
    CHECK_EQUAL(3U, book->generations(10)->size());
    CHECK_EQUAL(3U, book->generations(10)->front().number);
    CHECK_EQUAL(1U, book->generations(1)->size());
    CHECK_EQUAL(3U, book->generation(2)->sealed.size());
    const auto old = book->generation(1);
    CHECK_TRUE(old.error().code == Errc::not_found);
    STRCMP_EQUAL("generation 1 is no longer kept; the nearest that are kept: 2",
                 old.error().what.c_str());
}

TEST(Journal, KeepsThoseOfTheLastHourAndOfPeopleAcrossARestart) {
    CHECK_TRUE(publish(1, 100).has_value());
    CHECK_TRUE(publish(2, 200, "policy by alice").has_value());
    for (Generation number = 3; number < 40; ++number)
        CHECK_TRUE(publish(number, 10'000 + static_cast<int>(number) * 60).has_value());
    book.reset();
    book = opened(folder.book(), {std::chrono::hours{1}, 3, 1, 9, 2, 3});
    for (Generation number = 1; number < 40; ++number)
        CHECK_TRUE(book->generation(number).has_value());
    CHECK_TRUE(publish(40, 30'000).has_value());
    CHECK_TRUE(book->generation(1).has_value()); // what alice changed
    CHECK_TRUE(book->generation(2).has_value());
    CHECK_FALSE(book->generation(3).has_value());
    CHECK_TRUE(book->generation(39).has_value());
}

TEST(Journal, RefusesANumberThatDoesNotRise) {
    CHECK_TRUE(publish(5).has_value());
    STRCMP_EQUAL("generation 5 does not follow 5", publish(5).error().what.c_str());
    STRCMP_EQUAL("generation 4 does not follow 5", publish(4).error().what.c_str());
    CHECK_TRUE(publish(5).error().code == Errc::refused);
    CHECK_TRUE(publish(6).has_value());
}

TEST(Journal, TellsWhoDidWhatNewestFirstAndBounded) {
    for (const auto* verb : {"push", "approve", "rollback", "push"})
        CHECK_TRUE(book->audit({at(1), "alice", verb, "to 'x'; --", "ok"}).has_value());
    const auto log = book->audit_log(10);
    CHECK_EQUAL(3U, log->size()); // audit_kept
    STRCMP_EQUAL("push", log->at(0).verb.c_str());
    STRCMP_EQUAL("approve", log->at(2).verb.c_str());
    STRCMP_EQUAL("to 'x'; --", log->at(0).detail.c_str());
    CHECK_EQUAL(1U, book->audit_log(1)->size());
}

TEST(Journal, BindsEachEntryToTheOneBefore) {
    for (int i = 0; i < 5; ++i) // two more than are kept
        CHECK_TRUE(book->audit({at(i + 1), "alice", "push", "", "ok", "uid 0, pid 1"}).has_value());
    AuditWalk walk;
    while (!walk.done && walk.fault.empty()) CHECK_TRUE(book->walk_audit(walk, 2).has_value());
    CHECK_EQUAL(std::string(), walk.fault);
    CHECK_EQUAL(3U, walk.whole);
    CHECK_EQUAL(0U, walk.unchained);
    CHECK_TRUE(walk.first == at(3) && walk.last == at(5));
    const auto log = book->audit_log(3).value();
    CHECK_EQUAL(5, log.front().id);
    CHECK_TRUE(log.front().hash == walk.before);
    CHECK_TRUE((book->audit_head().value() == AuditHead{5, walk.before}));
    CHECK_TRUE(book->has_audit({5, walk.before}).value());
    CHECK_FALSE(book->has_audit({5, log.back().hash}).value());
    CHECK_FALSE(book->has_audit({6, walk.before}).value());
    CHECK_TRUE(book->has_audit({1, {}}).value()); // no longer kept
}

TEST(Journal, BindsAnEntryToNothingBeforeTheFirst) {
    AuditWalk walk;
    CHECK_TRUE(book->walk_audit(walk, 10).has_value());
    CHECK_TRUE(walk.done && walk.whole == 0 && walk.fault.empty());
    CHECK_TRUE(book->has_audit({}).value());
}
