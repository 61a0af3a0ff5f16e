// SPDX-License-Identifier: Apache-2.0
// When an address came, went and came back.
#include <random>

#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

TEST_GROUP(Spans) {
    Folder folder;
    BookOptions options{std::chrono::hours{1000}, 3, 1, 1024, 8, 100};
    std::optional<Book> book;
    std::int64_t now = 0; // of the next answer

    void setup() override { open(); }
    void open() {
        book.reset();
        book = opened(folder.book(), options);
    }
    /// So many answers, a minute apart; the TTL is as long.
    void answers(int count, const std::vector<std::string>& addresses) {
        std::vector<Observation> sweep;
        for (; count > 0; --count, now += 61) sweep.push_back(answer(now, addresses));
        recorded(*book, sweep);
    }
    [[nodiscard]] BookEntry entry(const std::string& address) const {
        const auto found = book->history(*parse_address(address), at(now));
        if (!found || found->size() != 1) FAIL("not one entry");
        return found->front();
    }
    /// "0-61 610-671".
    [[nodiscard]] std::string spans(const std::string& address) const {
        std::string text;
        for (const auto& span : entry(address).spans)
            text += (text.empty() ? "" : " ") + std::to_string(to_seconds(span.first_seen)) + "-" +
                    std::to_string(to_seconds(span.last_seen));
        return text;
    }
};

TEST(Spans, AreOneForWhatStays) {
    answers(30, {"198.51.100.1"});
    STRCMP_EQUAL("0-1769", spans("198.51.100.1").c_str());
    CHECK_EQUAL(0U, entry("198.51.100.1").spans_forgotten);
}

TEST(Spans, AreTwoForWhatWentAndCameBack) {
    answers(21, {"198.51.100.1"});
    answers(8, {"198.51.100.2"});
    open(); // all of it is in the file
    answers(2, {"198.51.100.1", "198.51.100.2"});
    STRCMP_EQUAL("0-1220 1769-1830", spans("198.51.100.1").c_str());
    STRCMP_EQUAL("1281-1830", spans("198.51.100.2").c_str());
    CHECK_TRUE(entry("198.51.100.1").first_seen == at(0));
}

TEST(Spans, AreOneWhereTooFewAnswersCameWithoutTheAddress) {
    answers(21, {"198.51.100.1"});
    answers(7, {"198.51.100.2"});
    answers(1, {"198.51.100.1"});
    STRCMP_EQUAL("0-1708", spans("198.51.100.1").c_str());
}

TEST(Spans, AreOneForEachOfAPoolThatRotates) {
    std::minstd_rand random(11);
    std::vector<std::string> pool;
    for (int i = 0; i < 200; ++i) pool.push_back("198.51.100." + std::to_string(i));
    std::vector<Observation> sweep;
    for (; now < 61'000; now += 61) {
        for (std::size_t i = 0; i < 8; ++i)
            std::swap(pool[i], pool[i + random() % (pool.size() - i)]);
        sweep.push_back(answer(now, {pool.begin(), pool.begin() + 8}));
    }
    recorded(*book, sweep);
    const auto entries = book->history("login.example.com", at(now));
    CHECK_EQUAL(200U, entries->size());
    for (const auto& each : *entries) CHECK_EQUAL(1U, each.spans.size());
}

TEST(Spans, DoNotEndWithinTheTtl) {
    auto seen = answer(now, {"198.51.100.1"});
    seen.ttl = 700;
    for (int i = 0; i < 21; ++i) recorded(*book, {seen});
    answers(11, {"198.51.100.2"});
    answers(1, {"198.51.100.1"}); // at 671
    STRCMP_EQUAL("0-671", spans("198.51.100.1").c_str());
}

TEST(Spans, EndWithinADayWhateverTheTtl) {
    auto seen = answer(now, {"198.51.100.1"});
    seen.ttl = 2'000'000'000;
    for (int i = 0; i < 21; ++i) recorded(*book, {seen});
    answers(1420, {"198.51.100.2"});
    answers(1, {"198.51.100.1"});
    STRCMP_EQUAL("0-0 86620-86620", spans("198.51.100.1").c_str());
}

TEST(Spans, GoByFreshAnswersOnly) {
    answers(21, {"198.51.100.1"});
    for (int i = 0; i < 50; ++i) {
        auto seen = answer(now += 61, {"198.51.100.2"});
        seen.fresh = false;
        recorded(*book, {seen});
    }
    answers(1, {"198.51.100.1"});
    STRCMP_EQUAL("0-4331", spans("198.51.100.1").c_str());
}

TEST(Spans, DoNotEndByHints) {
    answers(21, {"198.51.100.1"});
    for (int i = 0; i < 50; ++i) {
        auto seen = answer(now += 61, {"198.51.100.2"});
        seen.source = Source::hint;
        recorded(*book, {seen});
    }
    answers(1, {"198.51.100.1"});
    CHECK_EQUAL(1U, entry("198.51.100.1").spans.size());
    CHECK_EQUAL(1U, entry("198.51.100.2").spans.size());
}

TEST(Spans, EndWhenTheNameIsConfirmedGone) {
    options.denied_for = std::chrono::seconds{2};
    open();
    answers(2, {"198.51.100.1"});
    for (int i = 0; i < 3; ++i) recorded(*book, {silence(now++, NameOutcome::no_such_name)});
    auto hint = answer(200, {"198.51.100.1"});
    hint.source = Source::hint;
    recorded(*book, {hint, hint});
    now = 261;
    answers(1, {"198.51.100.1"});
    STRCMP_EQUAL("0-61 200-261", spans("198.51.100.1").c_str());
}

TEST(Spans, EndWhenTheAddressIsNoLongerInForce) {
    options.hold_down = std::chrono::seconds{100};
    open();
    answers(1, {"198.51.100.1"});
    answers(3, {"198.51.100.2"});
    answers(1, {"198.51.100.1"});
    STRCMP_EQUAL("0-0 244-244", spans("198.51.100.1").c_str());
}

TEST(Spans, AreBoundedAndWhatGoesIsCounted) {
    options.hold_down = std::chrono::seconds{100};
    open();
    for (std::size_t i = 0; i < kMaxSpans + 5; ++i) {
        answers(1, {"198.51.100.1"});
        answers(3, {"198.51.100.2"});
    }
    const auto seen = entry("198.51.100.1");
    CHECK_EQUAL(kMaxSpans, seen.spans.size());
    CHECK_EQUAL(5U, seen.spans_forgotten);
    CHECK_TRUE(seen.spans.front().first_seen == at(5 * 244)); // the oldest went
    CHECK_TRUE(seen.first_seen == at(0));
}
