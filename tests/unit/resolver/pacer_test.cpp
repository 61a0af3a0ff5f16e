// SPDX-License-Identifier: Apache-2.0
#include "resolver/pacer.hpp"

#include <deque>
#include <functional>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::dns;
using namespace std::chrono_literals;

namespace {

constexpr auto kTimeout = 250ms;
constexpr auto kRoundTrip = 10ms;

} // namespace

// A server in simulated time that is asked as fast as the pacer allows, at most 40,000 times a
// second and with at most 512 waiting. What it does not answer is asked again once, unless the name
// is dead.
TEST_GROUP(Pacer) {
    Pacer pacer{{50, 0}};
    Clock::time_point now{1h};
    std::deque<Clock::time_point> answers, losses;
    bool dead_names = false;

    void run(Clock::duration duration, const std::function<bool()>& answers_next) {
        for (const auto end = now + duration; now < end; now += 1ms) {
            for (; !losses.empty() && now - losses.front() >= kTimeout && pacer.take(now);
                 losses.pop_front())
                if (!dead_names && answers_next()) hear_again(losses.front());
            for (int i = 0; i < 40 && losses.size() < 512 && pacer.take(now); ++i) {
                pacer.sent(now);
                (answers_next() ? answers : losses).push_back(now);
            }
            for (; !answers.empty() && now - answers.front() >= kRoundTrip; answers.pop_front())
                hear(answers.front());
            if (now.time_since_epoch() / 1ms % 10 == 0) pacer.turn(now, kTimeout);
        }
    }
    void hear(Clock::time_point sent) {
        pacer.heard(now);
        pacer.answered(sent);
    }
    void hear_again(Clock::time_point sent) {
        pacer.heard(now);
        pacer.lost(sent);
    }
    // Drops what is above its rate, as a router does: a bucket of 100 ms.
    std::function<bool()> limited_to(unsigned per_second) {
        return [this, per_second, tokens = 0.0, filled = now]() mutable {
            tokens += std::chrono::duration<double>(now - filled).count() * per_second;
            tokens = std::min(tokens, per_second * 0.1);
            filled = now;
            if (tokens < 1) return false;
            tokens -= 1;
            return true;
        };
    }
    std::function<bool()> losing_every(unsigned nth) {
        return [nth, count = 0U]() mutable { return ++count % nth != 0; };
    }
};

TEST(Pacer, DoesNotPaceWhoAnswersEverything) {
    run(5s, [] { return true; });
    CHECK_EQUAL(0.0, pacer.rate());
}

TEST(Pacer, KeepsToItsCeiling) {
    TokenBucket bucket(1000);
    int taken = 0;
    for (int ms = 0; ms < 1000; ++ms)
        while (bucket.take(now + std::chrono::milliseconds(ms))) ++taken;
    CHECK_TRUE(taken >= 995 && taken <= 1025);
}

TEST(Pacer, FindsTheRateOfWhoDropsTheRest) {
    auto server = limited_to(5000);
    run(2s, server);
    CHECK_TRUE(pacer.rate() > 2000);
    CHECK_TRUE(pacer.rate() < 6000);
}

TEST(Pacer, StaysAroundTheRateItHasFound) {
    auto server = limited_to(1000);
    run(3s, server);
    for (int second = 0; second < 30; ++second) {
        run(1s, server);
        CHECK_TRUE(pacer.rate() > 400);
        CHECK_TRUE(pacer.rate() < 1500);
    }
}

TEST(Pacer, GrowsAgainWhenTheLimitIsGone) {
    auto server = limited_to(1000);
    run(3s, server);
    const auto before = pacer.rate();
    run(30s, [] { return true; });
    CHECK_TRUE(pacer.rate() > 2 * before);
}

TEST(Pacer, PutsUpWithALossThatIsNotOfItsMaking) {
    run(10s, losing_every(10));
    CHECK_EQUAL(0.0, pacer.rate());
}

TEST(Pacer, DoesNotStartForOnePercentOfLoss) {
    run(1s, losing_every(100));
    CHECK_EQUAL(0.0, pacer.rate());
}

TEST(Pacer, IsNotSlowedDownByDeadNames) {
    dead_names = true;
    run(2s, losing_every(3));
    CHECK_EQUAL(0.0, pacer.rate());
    run(2s, [] { return false; });
    CHECK_EQUAL(0.0, pacer.rate());
}

TEST(Pacer, NeverFallsBelowItsFloor) {
    pacer = Pacer{{200, 4000}};
    run(5s, limited_to(20));
    CHECK_TRUE(pacer.rate() >= 200);
    CHECK_TRUE(pacer.rate() <= 4000);
}
