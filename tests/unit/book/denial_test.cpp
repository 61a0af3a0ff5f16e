// SPDX-License-Identifier: Apache-2.0
// NXDOMAIN and NODATA: what it takes to believe them, and what follows then.
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Denial) {
    Folder folder;
    BookOptions options{std::chrono::seconds{100}, 3, 1, 1024, 8, 100'000};
    std::optional<Book> book;

    void setup() override {
        options.denied_for = std::chrono::seconds{40};
        open();
        recorded(*book, {answer(0, {"198.51.100.1"})});
    }
    void open() {
        book.reset();
        book = opened(folder.book(), options);
    }
    void deny(std::initializer_list<std::int64_t> times,
              NameOutcome outcome = NameOutcome::no_such_name,
              const std::string& resolver = "192.0.2.53") {
        for (const auto now : times) recorded(*book, {silence(now, outcome, resolver)});
    }
    [[nodiscard]] Instant gone_since() const { return book->names()->at(0).gone_since; }
};

TEST(Denial, StartsTheHoldDownOnceThreeAgreeOverTheTimeSet) {
    deny({10, 20, 30, 49});
    CHECK_TRUE(gone_since() == at(0)); // 39 s
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1'000'000).c_str());
    deny({50, 60, 70});
    CHECK_TRUE(gone_since() == at(50));
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 149).c_str()); // counts from the confirmation
    STRCMP_EQUAL("", in_force(*book, 150).c_str());
}

TEST(Denial, NeedsThreeAnswersHoweverFarApart) {
    deny({10, 10'000});
    CHECK_TRUE(gone_since() == at(0));
    deny({10'001});
    CHECK_TRUE(gone_since() == at(10'001));
}

TEST(Denial, RepeatedWithinASecondIsOne) {
    deny({10, 10, 10, 50, 50, 50});
    CHECK_TRUE(gone_since() == at(0));
    deny({51});
    CHECK_TRUE(gone_since() == at(51));
}

TEST(Denial, NeedsASecondResolverWhereThereIsOne) {
    options.resolvers = 2;
    open();
    deny({10, 20, 30, 40, 50, 60, 70, 80});
    CHECK_TRUE(gone_since() == at(0));
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1'000'000).c_str());
    deny({90}, NameOutcome::no_such_name, "192.0.2.54");
    CHECK_TRUE(gone_since() == at(90));
}

TEST(Denial, OfTheOtherKindStartsAnew) {
    deny({10, 30});
    deny({50}, NameOutcome::no_data);
    deny({70}, NameOutcome::no_such_name);
    CHECK_TRUE(gone_since() == at(0));
    deny({90, 110});
    CHECK_TRUE(gone_since() == at(110));
}

TEST(Denial, IsNotFurtheredByFailures) {
    for (const auto failure : {NameOutcome::timeout, NameOutcome::server_failure,
                               NameOutcome::refused, NameOutcome::malformed}) {
        deny({10, 20});
        deny({30, 60, 90}, failure);
    }
    CHECK_TRUE(gone_since() == at(0));
}

TEST(Denial, ThatTheResolverMadeUpIsNone) {
    deny({10, 30, 50, 1000, 5000}, NameOutcome::filtered);
    deny({10'000}, NameOutcome::filtered, "192.0.2.54");
    deny({10'001, 20'000}, NameOutcome::stale);
    deny({20'001}, NameOutcome::bogus, "192.0.2.54");
    deny({20'002}, NameOutcome::filtered);
    CHECK_TRUE(gone_since() == at(0));
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1'000'000).c_str());
    CHECK_TRUE(book->evidence() == at(0)); // nobody has said anything of the name
    CHECK_TRUE(book->names()->at(0).last_outcome == NameOutcome::filtered);
    CHECK_EQUAL(10U, book->names()->at(0).failures);
    CHECK_EQUAL(0U, book->history("login.example.com", at(0))->at(0).absences);
}

TEST(Denial, ThatTheResolverMadeUpNeitherFurthersNorEndsARun) {
    deny({10, 20});
    deny({30, 60, 90}, NameOutcome::filtered);
    CHECK_TRUE(gone_since() == at(0));
    deny({100});
    CHECK_TRUE(gone_since() == at(100));
}

TEST(Denial, IsForgottenWhenAnAnswerComes) {
    deny({10, 20, 50}, NameOutcome::no_data);
    CHECK_TRUE(gone_since() == at(50));
    recorded(*book, {answer(60, {"198.51.100.1"})});
    CHECK_TRUE(gone_since() == at(0));
    deny({70, 80}, NameOutcome::no_data);
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 1'000'000).c_str());
}

TEST(Denial, DoesNotBringBackWhatHasLeft) {
    for (const auto now : {10, 20, 30}) recorded(*book, {answer(now, {"198.51.100.2"})});
    STRCMP_EQUAL("198.51.100.2", in_force(*book, 200).c_str());
    deny({210, 220, 230, 250, 260, 270});
    STRCMP_EQUAL("198.51.100.2", in_force(*book, 349).c_str());
    STRCMP_EQUAL("", in_force(*book, 400).c_str());
}

TEST(Denial, HoldsAcrossARestart) {
    deny({10, 20});
    open();
    deny({50});
    CHECK_TRUE(gone_since() == at(50));
    STRCMP_EQUAL("198.51.100.1", in_force(*book, 149).c_str());
}

TEST(Denial, LeavesTheOtherFamilyAlone) {
    recorded(*book, {answer(0, {"2001:db8::1"})});
    deny({10, 20, 50, 60, 70});
    STRCMP_EQUAL("2001:db8::1", in_force(*book, 1000).c_str());
}
