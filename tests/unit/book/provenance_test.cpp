// SPDX-License-Identifier: Apache-2.0
// Where an address comes from, and who saw it.
#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Provenance) {
    Folder folder;
    Book book = opened(folder.book(), {std::chrono::seconds{100}, 3, 1, 1024, 8, 100});

    [[nodiscard]] BookEntry entry(const std::string& address) const {
        const auto found = book.history(*parse_address(address), at(0));
        if (found->size() != 1) FAIL("not one entry");
        return found->front();
    }
    static Observation hint(std::int64_t seconds, const std::vector<std::string>& addresses) {
        auto seen = answer(seconds, addresses);
        seen.source = Source::hint;
        return seen;
    }
};

TEST(Provenance, KeepsWhetherAnAnswerWasAuthenticated) {
    auto seen = answer(0, {"198.51.100.1"});
    seen.authenticated = true;
    recorded(book, {seen});
    CHECK_TRUE(entry("198.51.100.1").authenticated);
    recorded(book, {answer(1, {"198.51.100.1"})});
    CHECK_FALSE(entry("198.51.100.1").authenticated);
}

TEST(Provenance, RecordsWhichVantagePointsSawAnAddress) {
    recorded(book, {answer(0, {"198.51.100.1"})});
    for (const auto* vantage : {"paris", "lima", "paris"}) {
        auto seen = answer(1, {"198.51.100.1"}, "192.0.2.99");
        seen.vantage = vantage;
        recorded(book, {seen});
    }
    const auto found = entry("198.51.100.1");
    CHECK_EQUAL(2U, found.vantages.size());
    STRCMP_EQUAL("lima", found.vantages[0].c_str());
    STRCMP_EQUAL("paris", found.vantages[1].c_str());
    CHECK_EQUAL(2U, found.resolvers.size());
}

TEST(Provenance, MarksAHintUntilARecordHasTheAddress) {
    recorded(book, {hint(0, {"198.51.100.1"})});
    CHECK_TRUE(entry("198.51.100.1").source == Source::hint);
    recorded(book, {answer(1, {"198.51.100.1"})});
    CHECK_TRUE(entry("198.51.100.1").source == Source::dns);
    recorded(book, {hint(2, {"198.51.100.1"})});
    CHECK_TRUE(entry("198.51.100.1").source == Source::dns);
    CHECK_EQUAL(3U, entry("198.51.100.1").count);
}

TEST(Provenance, AHintSaysNothingOfWhatItLeavesOut) {
    recorded(book, {answer(0, {"198.51.100.1"})});
    for (const auto now : {10, 20, 30, 40}) recorded(book, {hint(now, {"198.51.100.2"})});
    CHECK_EQUAL(0U, entry("198.51.100.1").absences);
    CHECK_EQUAL(1U, book.names()->at(0).completeness.draws);
}

TEST(Provenance, AStaleAnswerOnlyAdds) {
    const auto stale = [](std::int64_t seconds, const char* address) {
        auto seen = answer(seconds, {address});
        seen.whole = false;
        return seen;
    };
    recorded(book, {answer(0, {"198.51.100.1"})});
    for (const auto now : {10, 20, 30, 200}) recorded(book, {stale(now, "198.51.100.2")});
    CHECK_EQUAL(0U, entry("198.51.100.1").absences);
    CHECK_TRUE(book.evidence() == at(0)); // so that nothing ages meanwhile
    const auto added = entry("198.51.100.2");
    CHECK_TRUE(added.in_force && added.source == Source::dns && added.last_seen == at(200));
    CHECK_EQUAL(1U, added.count); // a resolver that repeats itself does not vouch again
    CHECK_EQUAL(1U, book.names()->at(0).completeness.draws);
}

TEST(Provenance, AHintDoesNotEndARunOfDenials) {
    auto options = BookOptions{};
    options.denied_for = std::chrono::seconds{2};
    Folder other;
    auto second = opened(other.book(), options);
    recorded(second, {answer(0, {"198.51.100.1"})});
    for (const auto now : {1, 2, 3}) {
        recorded(second, {silence(now, NameOutcome::no_such_name)});
        recorded(second, {hint(now, {"198.51.100.1"})});
    }
    CHECK_TRUE(second.names()->at(0).gone_since == at(3));
    CHECK_TRUE(second.names()->at(0).last_outcome == NameOutcome::no_such_name);
}

TEST(Provenance, RefusesASourceThatIsNeverObserved) {
    auto seen = answer(0, {"198.51.100.1"});
    seen.source = Source::published;
    STRCMP_EQUAL("observation of 'login.example.com': bad source",
                 book.record(std::vector{seen}).error().what.c_str());
    seen = silence(0, NameOutcome::no_data);
    seen.source = Source::hint;
    STRCMP_EQUAL("observation of 'login.example.com': a hint that says nothing",
                 book.record(std::vector{seen}).error().what.c_str());
}
