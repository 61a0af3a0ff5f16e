// SPDX-License-Identifier: Apache-2.0
// The laws of Space-Saving against exact counts, on streams that suit it and streams that do not.
#include "dataplane/who/space_saving.hpp"

#include <cmath>
#include <map>
#include <random>

#include <CppUTest/TestHarness.h>

using sweepgate::who::SpaceSaving;

namespace {

using Summary = SpaceSaving<unsigned>;
using Stream = std::vector<std::pair<unsigned, std::uint64_t>>; // key, weight
using Exact = std::map<unsigned, std::uint64_t>;

/// Rank r comes with a frequency of 1 / r^s.
Stream zipf(double s, unsigned keys, std::size_t length) {
    std::mt19937 random(20261122);
    std::vector<double> frequencies;
    for (unsigned i = 0; i < keys; ++i) frequencies.push_back(1 / std::pow(i + 1, s));
    std::discrete_distribution<unsigned> key(frequencies.begin(), frequencies.end());
    std::uniform_int_distribution<std::uint64_t> weight(1, 16);
    Stream stream;
    for (std::size_t i = 0; i < length; ++i) stream.emplace_back(key(random), weight(random));
    return stream;
}

/// Every key once, in rounds: whatever is held has just been evicted when it comes again.
Stream rounds(unsigned keys, unsigned times) {
    Stream stream;
    for (unsigned round = 0; round < times; ++round)
        for (unsigned key = 0; key < keys; ++key) stream.emplace_back(key, 1);
    return stream;
}

/// A heavy key, then a flood of new ones, then the heavy one again.
Stream flood(unsigned keys) {
    Stream stream{{0, 500}};
    for (unsigned key = 1; key < keys; ++key) stream.emplace_back(key, 1);
    stream.emplace_back(0, 500);
    return stream;
}

void fill(Summary& summary, Exact& exact, const Stream& stream) {
    for (const auto& [key, weight] : stream) {
        summary.add(key, weight);
        exact[key] += weight;
    }
}

void check_laws(const Summary& summary, const Exact& exact, std::size_t capacity) {
    std::uint64_t total = 0;
    for (const auto& [key, weight] : exact) total += weight;
    CHECK_EQUAL(total, summary.total());
    CHECK_TRUE(summary.floor() <= total / capacity);
    CHECK_TRUE(summary.size() <= capacity);
    auto missing = exact;
    for (const auto& [key, count, error, spread] : summary.top(capacity)) {
        const auto known = exact.find(key);
        CHECK_TRUE(known != exact.end());
        CHECK_TRUE(known->second <= count);
        CHECK_TRUE(count - error <= known->second);
        CHECK_TRUE(error <= total / capacity);
        missing.erase(key);
    }
    for (const auto& [key, weight] : missing) CHECK_TRUE(weight <= summary.floor());
}

void check_stream(const Stream& stream) {
    for (const std::size_t capacity : {1U, 16U, 100U, 1000U}) {
        Summary summary(capacity);
        Exact exact;
        fill(summary, exact, stream);
        check_laws(summary, exact, capacity);
        // Cut in five and merged, the laws hold as well.
        Summary merged(capacity);
        for (std::size_t part = 0; part < 5; ++part) {
            Summary piece(capacity);
            Exact ignored;
            fill(piece, ignored,
                 Stream(stream.begin() + static_cast<std::ptrdiff_t>(part * stream.size() / 5),
                        stream.begin() +
                            static_cast<std::ptrdiff_t>((part + 1) * stream.size() / 5)));
            merged.merge(piece);
        }
        check_laws(merged, exact, capacity);
    }
}

} // namespace

TEST_GROUP(SpaceSaving){};

TEST(SpaceSaving, KeepsItsLawsOnSkewedStreams) {
    check_stream(zipf(1.1, 5000, 50'000));
    check_stream(zipf(0.6, 5000, 50'000));
}

TEST(SpaceSaving, KeepsItsLawsOnHostileStreams) {
    check_stream(rounds(2000, 10));
    check_stream(flood(20'000));
}

TEST(SpaceSaving, IsExactAsLongAsAllKeysFit) {
    Summary summary(100);
    Exact exact;
    fill(summary, exact, zipf(1.0, 100, 10'000));
    CHECK_EQUAL(0U, summary.floor());
    for (const auto& [key, count, error, spread] : summary.top(100)) {
        CHECK_EQUAL(exact[key], count);
        CHECK_EQUAL(0U, error);
    }
}

TEST(SpaceSaving, FindsTheHeaviestInTheirOrder) {
    Summary summary(200);
    Exact exact;
    fill(summary, exact, zipf(1.3, 5000, 50'000));
    const auto top = summary.top(10);
    CHECK_EQUAL(10U, top.size());
    for (unsigned i = 0; i < top.size(); ++i) {
        CHECK_EQUAL(i, top[i].key);
        if (i > 0) CHECK_TRUE(top[i].count <= top[i - 1].count);
    }
    CHECK_EQUAL(0U, Summary(5).top(10).size());
}

TEST(SpaceSaving, GoesOnCountingBehindAMerge) {
    Summary summary(50);
    Exact exact;
    fill(summary, exact, zipf(1.0, 500, 5000));
    Summary other(50);
    fill(other, exact, rounds(700, 3));
    summary.merge(other);
    fill(summary, exact, zipf(0.8, 900, 5000));
    check_laws(summary, exact, 50);
}
