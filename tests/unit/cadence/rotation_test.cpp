// SPDX-License-Identifier: Apache-2.0
// A name with 200 addresses of which each answer holds 8, asked as the cadence says.
#include <algorithm>
#include <numeric>

#include "controlplane/book/completeness.hpp"
#include "tests/unit/cadence/world.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cadencetest;

namespace {

constexpr std::size_t kAddresses = 200;
constexpr std::size_t kEach = 8;
constexpr unsigned kBound = 163; // 109 draws on average for 99 %, and half as many again

/// Answers anew each time, or once a TTL when it is a cache.
class Server {
public:
    Server(bool is_cache, unsigned seed) : is_cache_(is_cache), random_(seed), all_(kAddresses) {
        std::iota(all_.begin(), all_.end(), 0U);
    }
    Answer answer(const Ask& ask, Cadence::TimePoint now) {
        if (!is_cache_ || !filled_ || now - *filled_ >= seconds(kTtl)) draw(now);
        const auto age = std::chrono::duration_cast<seconds>(now - *filled_).count();
        return answer_to(ask, is_cache_ ? kTtl - static_cast<std::uint32_t>(age) : kTtl);
    }
    [[nodiscard]] const std::vector<std::size_t>& addresses() const { return drawn_; }
    [[nodiscard]] std::uint64_t identity() const {
        std::uint64_t sum = 0;
        for (const auto each : drawn_) sum = sum * 1'000'003 + each;
        return sum;
    }

private:
    void draw(Cadence::TimePoint now) {
        drawn_.clear();
        std::sample(all_.begin(), all_.end(), std::back_inserter(drawn_), kEach, random_);
        filled_ = now;
    }
    static constexpr std::uint32_t kTtl = 60;
    bool is_cache_;
    std::mt19937 random_;
    std::vector<std::size_t> all_;
    std::vector<std::size_t> drawn_;
    std::optional<Cadence::TimePoint> filled_;
};

struct Seen {
    unsigned questions = 0;
    unsigned fresh = 0;
    seconds took{};
    double coverage = 0; // as estimated when 99 % were seen
};

Seen until_seen(bool is_cache, unsigned seed) {
    World world;
    Server server(is_cache, seed);
    world.cadence.set_names(wanted({"pool.example"}), world.now);
    std::vector<std::uint64_t> times(kAddresses);
    Seen seen;
    const auto start = world.now;
    for (;;) {
        world.wait();
        for (const auto& ask : world.take()) {
            if (ask.question.type != RrType::a) {
                world.cadence.heard(ask, answer_to(ask, 86'400, Outcome::nodata), 0, world.now);
                continue;
            }
            ++seen.questions;
            const auto answer = server.answer(ask, world.now);
            if (!world.cadence.heard(ask, answer, server.identity(), world.now).fresh) continue;
            ++seen.fresh;
            bool added = false;
            for (const auto each : server.addresses()) added = times[each]++ == 0 || added;
            Completeness completeness{seen.fresh};
            for (const auto each : times) completeness.add(each);
            world.cadence.learn("pool.example", RrType::a, added, completeness.expected_new(),
                                world.now);
            if (completeness.seen * 100 < kAddresses * 99) continue;
            seen.coverage = completeness.coverage().value();
            seen.took = std::chrono::duration_cast<seconds>(world.now - start);
            return seen;
        }
    }
}

} // namespace

TEST_GROUP(Rotation){};

TEST(Rotation, IsSeenToNinetyNinePercentWithinTheBoundAndAHalfWithinItsTtls) {
    unsigned within = 0;
    unsigned soon = 0;
    for (unsigned seed = 0; seed < 100; ++seed) {
        const auto seen = until_seen(false, seed);
        CHECK_EQUAL(seen.questions, seen.fresh);
        within += seen.questions <= kBound ? 1U : 0U;
        soon += seen.took <= 2 * seconds(kBound) ? 1U : 0U; // asked once a TTL it is 9,780 s
        CHECK_TRUE(seen.coverage > 0.93);
    }
    CHECK_TRUE(within >= 95);
    CHECK_TRUE(soon >= 80);
}

TEST(Rotation, TakesOneDrawATtlOfACacheAndKnowsWhichAreDraws) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const auto seen = until_seen(true, seed);
        CHECK_TRUE(seen.questions <= seen.fresh + 8); // probes until it was known for a cache
        CHECK_TRUE(seen.took <= seconds(66) * static_cast<int>(seen.fresh));
        CHECK_TRUE(seen.took >= seconds(59) * static_cast<int>(seen.fresh - 1));
    }
}

TEST(Rotation, TakesNoAnswerForADrawBeforeItsLastSecondIsOver) {
    World world;
    world.cadence.set_names(std::vector<Wanted>{{"a.example", true, false, false}}, world.now);
    const auto ask = world.take().at(0);
    const auto fresh_after = [&](milliseconds wait, std::uint32_t ttl, std::uint64_t identity) {
        world.now += wait;
        return world.cadence.heard(ask, answer_to(ask, ttl), identity, world.now).fresh;
    };
    CHECK_TRUE(fresh_after(seconds(0), 1, 1));
    CHECK_FALSE(fresh_after(milliseconds(1'000), 0, 1));
    CHECK_FALSE(fresh_after(milliseconds(400), 0, 1));
    CHECK_TRUE(fresh_after(milliseconds(400), 1, 1)); // filled again, with the same
    CHECK_TRUE(fresh_after(milliseconds(1'100), 0, 2));
    CHECK_TRUE(fresh_after(milliseconds(1'100), 0, 2));
}
