// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>
#include <random>

#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

namespace {

/// A set of `size` addresses of which each answer holds `each`, drawn without replacement.
class RotatingSet {
public:
    RotatingSet(std::size_t size, std::size_t each, unsigned seed)
        : order_(size), times_(size), each_(each), random_(seed) {
        std::iota(order_.begin(), order_.end(), 0U);
    }
    std::vector<std::size_t> draw() {
        for (std::size_t i = 0; i < each_; ++i) {
            std::uniform_int_distribution<std::size_t> pick(i, order_.size() - 1);
            std::swap(order_[i], order_[pick(random_)]);
            ++times_[order_[i]];
        }
        ++draws_;
        return {order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(each_)};
    }
    [[nodiscard]] Completeness completeness() const {
        Completeness found{draws_};
        for (const auto times : times_) found.add(times);
        return found;
    }
    [[nodiscard]] double truly_seen() const {
        return static_cast<double>(completeness().seen) / static_cast<double>(times_.size());
    }

private:
    std::vector<std::size_t> order_;
    std::vector<std::uint64_t> times_;
    std::size_t each_;
    std::uint64_t draws_ = 0;
    std::mt19937 random_;
};

struct Errors {
    double coverage = 0; // mean, absolute
    double size = 0;     // mean, relative
};

Errors errors_at(std::size_t size, std::size_t each, double seen) {
    constexpr unsigned kRuns = 200;
    Errors errors;
    for (unsigned run = 0; run < kRuns; ++run) {
        RotatingSet set(size, each, run);
        while (set.truly_seen() < seen) set.draw();
        const auto found = set.completeness();
        errors.coverage += std::abs(found.coverage().value() - set.truly_seen()) / kRuns;
        errors.size += std::abs(found.estimated() / static_cast<double>(size) - 1) / kRuns;
    }
    return errors;
}

} // namespace

TEST_GROUP(Completeness){};

TEST(Completeness, IsUnknownBeforeTheSecondDraw) {
    Completeness one{1};
    one.add(1);
    CHECK_FALSE(one.coverage().has_value());
    DOUBLES_EQUAL(1, one.estimated(), 0);
    DOUBLES_EQUAL(1, one.expected_new(), 0);
}

TEST(Completeness, IsWholeWhenEveryAddressCameTwiceAndNoneWhenNoneDid) {
    Completeness found{2};
    found.add(2);
    found.add(0);
    DOUBLES_EQUAL(1, found.coverage().value(), 0);
    CHECK_EQUAL(1U, found.seen);
    Completeness apart{2};
    apart.add(1);
    apart.add(1);
    DOUBLES_EQUAL(0, apart.coverage().value(), 0);
}

TEST(Completeness, FollowsThePapers) { // t=10, S=6, U=16, Q1=3, Q2=1
    Completeness found{10};
    for (const auto times : {1U, 1U, 1U, 2U, 5U, 6U}) found.add(times);
    DOUBLES_EQUAL(1 - 3.0 / 16 * 27 / 29, found.coverage().value(), 1e-12);
    DOUBLES_EQUAL(6 + 0.9 * 3 * 2 / 4, found.estimated(), 1e-12);
    DOUBLES_EQUAL(3.0 / 16 * 27 / 29 * 1.6, found.expected_new(), 1e-12);
}

TEST(Completeness, IsRightWithinFivePercentOfARotatingSet) {
    for (const std::size_t size : {500U, 200U, 100U}) {
        const auto late = errors_at(size, 8, 0.9);
        CHECK_TRUE(late.coverage < 0.035);
        CHECK_TRUE(late.size < 0.05);
        CHECK_TRUE(errors_at(size, 8, 0.5).coverage < 0.10);
    }
    CHECK_TRUE(errors_at(50, 8, 0.9).coverage < 0.06);
    CHECK_TRUE(errors_at(20, 4, 0.9).coverage < 0.10); // few addresses: said too low
}

// (ln N + 0.58) / -ln(1 - K/N) draws see all of N; 99 % of 200 with 8 an answer take 109 on
// average.
TEST(Completeness, OfTwoHundredIsNinetyNinePercentWithinTheBoundAndAHalf) {
    unsigned within = 0;
    double draws = 0;
    double coverage = 0;
    for (unsigned run = 0; run < 200U; ++run) {
        RotatingSet set(200, 8, run);
        while (set.truly_seen() < 0.99) set.draw();
        draws += static_cast<double>(set.completeness().draws) / 200;
        within += set.completeness().draws <= 163 ? 1U : 0U;
        coverage += set.completeness().coverage().value() / 200;
    }
    DOUBLES_EQUAL(0.984, coverage, 0.01);
    DOUBLES_EQUAL(109, draws, 4);
    CHECK_TRUE(within >= 195);
}

TEST_GROUP(BookCompleteness) {
    Folder folder;
    std::optional<Book> book;
    std::int64_t now = 0;

    void setup() override { open(); }
    void open() {
        book.reset();
        book = opened(folder.book(), {});
    }
    BatchOutcome record(const std::vector<std::size_t>& drawn, unsigned base = 0,
                        bool fresh = true) {
        auto seen = answer(++now, {});
        seen.outcome = NameOutcome::answered;
        for (const auto each : drawn)
            seen.addresses.push_back(
                ipv4((198U << 24U) | (18U << 16U) | (base + static_cast<unsigned>(each))));
        seen.fresh = fresh;
        return recorded(*book, {seen});
    }
    [[nodiscard]] Completeness found() const { return book->names()->at(0).completeness; }
};

TEST(BookCompleteness, IsKeptAcrossARestart) {
    RotatingSet set(50, 8, 1);
    for (int i = 0; i < 10; ++i) record(set.draw());
    open();
    for (int i = 0; i < 10; ++i) record(set.draw());
    CHECK_EQUAL(20U, found().draws);
    CHECK_EQUAL(set.completeness().seen, found().seen);
    CHECK_EQUAL(set.completeness().once, found().once);
    CHECK_EQUAL(set.completeness().twice, found().twice);
    CHECK_EQUAL(160U, found().incidences);
}

TEST(BookCompleteness, LeavesOutWhatACacheRepeats) {
    record({1, 2});
    for (int i = 0; i < 9; ++i) record({1, 2}, 0, false);
    CHECK_EQUAL(1U, found().draws);
    CHECK_FALSE(found().coverage().has_value());
    CHECK_EQUAL(10U, book->in_force(at(now))->at(0).count);
}

TEST(BookCompleteness, StartsAnewWhenTheSetIsReplaced) {
    RotatingSet old_set(40, 8, 1);
    for (int i = 0; i < 60; ++i) record(old_set.draw());
    CHECK_TRUE(found().coverage().value() > 0.99);
    RotatingSet fresh(40, 8, 2);
    record(fresh.draw(), 1000);
    record(fresh.draw(), 1000);
    CHECK_EQUAL(2U, found().draws);
    CHECK_TRUE(found().coverage().value() < 0.5);
    CHECK_TRUE(found().seen < 20);
}

TEST(BookCompleteness, OfAGrowingSetGoesOn) {
    RotatingSet set(200, 8, 1);
    for (int i = 0; i < 60; ++i) record(set.draw());
    CHECK_EQUAL(60U, found().draws);
}

TEST(BookCompleteness, IsNewsWhileAnAnswerIsNotTheWholeSet) {
    auto outcome = record({1});
    CHECK_EQUAL(1U, outcome.news.size());
    CHECK_EQUAL(1U, outcome.news[0].added);
    CHECK_TRUE(record({1}).news.empty());
    outcome = record({2});
    CHECK_EQUAL(1U, outcome.news[0].added);
    outcome = record({1});
    CHECK_EQUAL(0U, outcome.news[0].added);
    CHECK_EQUAL(4U, outcome.news[0].completeness.draws);
    STRCMP_EQUAL("login.example.com", outcome.news[0].hostname.c_str());
}
