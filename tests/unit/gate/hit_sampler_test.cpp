// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/hit_sampler.hpp"

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "dataplane/who/ledger.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;

TEST_GROUP(HitSampler) { HitSampler sampler{20261122}; };

TEST(HitSampler, TakesEveryHitOfAnyBurstWhileTheRingIsHalfEmpty) {
    for (unsigned hits = 1; hits <= 64; ++hits) {
        CHECK_TRUE(sampler.takes_all(hits, HitRing::kCapacity / 2 - hits));
        CHECK_FALSE(sampler.takes_all(hits, HitRing::kCapacity / 2 - hits + 1));
    }
}

TEST(HitSampler, DoesNotTakeAllWhileHitsWaitForARecord) {
    static_cast<void>(sampler.pick(64, HitRing::kCapacity));
    CHECK_FALSE(sampler.takes_all(1, 0));
    static_cast<void>(sampler.pick(1, 0));
    CHECK_TRUE(sampler.takes_all(1, 0));
}

TEST(HitSampler, RecordsEveryHitOfASmallBurst) {
    for (unsigned hits = 1; hits <= 4; ++hits) {
        const auto picked = sampler.pick(hits, 0);
        CHECK_EQUAL(hits, picked.count);
        unsigned seen = 0;
        for (unsigned i = 0; i < picked.count; ++i) {
            CHECK_EQUAL(1U, picked.picks[i].weight);
            seen |= 1U << picked.picks[i].hit;
        }
        CHECK_EQUAL((1U << hits) - 1, seen);
    }
}

TEST(HitSampler, IsUnbiasedForEveryPlaceInABurst) {
    for (const unsigned hits : {5U, 7U, 32U, 63U, 64U}) {
        constexpr unsigned kBursts = 200'000;
        std::vector<double> weights(hits, 0);
        for (unsigned burst = 0; burst < kBursts; ++burst) {
            const auto picked = sampler.pick(hits, 0);
            std::uint64_t sum = 0;
            for (unsigned i = 0; i < picked.count; ++i) {
                CHECK_TRUE(picked.picks[i].hit < hits);
                weights[picked.picks[i].hit] += picked.picks[i].weight;
                sum += picked.picks[i].weight;
            }
            CHECK_EQUAL(hits, sum); // of each burst, not on average
        }
        // Expected: one a burst. Five standard deviations of a pick with weight hits / 4.
        const auto tolerance = 5 * std::sqrt(kBursts * (hits / 4.0 + 1));
        for (const auto weight : weights) CHECK_TRUE(std::abs(weight - kBursts) < tolerance);
    }
}

TEST(HitSampler, CarriesTheWeightOfHitsForWhichThereIsNoRoom) {
    CHECK_EQUAL(0U, sampler.pick(64, HitRing::kCapacity).count);
    CHECK_EQUAL(0U, sampler.pick(3, HitRing::kCapacity).count);
    CHECK_EQUAL(67U, sampler.carried());
    const auto picked = sampler.pick(8, 0);
    CHECK_EQUAL(4U, picked.count);
    std::uint64_t sum = 0;
    for (const auto& pick : picked.picks) sum += pick.weight;
    CHECK_EQUAL(75U, sum);
    CHECK_EQUAL(0U, sampler.carried());
}

TEST(HitSampler, LeavesFewerRecordsToALateReaderAndLosesNoWeight) {
    CHECK_EQUAL(1U, sampler.pick(64, HitRing::kCapacity / 2 + 1).count);
    unsigned records = 0;
    std::uint64_t sum = 0;
    for (int burst = 0; burst < 64'000; ++burst) {
        const auto picked = sampler.pick(10, HitRing::kCapacity / 4 * 3 + 1);
        records += picked.count;
        for (unsigned i = 0; i < picked.count; ++i) sum += picked.picks[i].weight;
    }
    CHECK_EQUAL(640'000U, sum + sampler.carried());
    CHECK_TRUE(records > 800 && records < 1200); // one in 64
}

namespace {

/// A client's hits as they were, and as the gate counts them: bursts of `hits` from clients of
/// which the first is met most, the reader too late by far.
class Flood {
public:
    explicit Flood(std::uint32_t seed) : random_(seed), sampler_(seed) {}

    /// Until the reader comes.
    void fill(unsigned bursts, unsigned hits) {
        std::uint32_t used = 0;
        for (; bursts > 0; --bursts) {
            std::vector<std::uint32_t> clients(hits);
            for (auto& client : clients) ++true_[client = random_client()];
            if (sampler_.takes_all(hits, used)) {
                for (const auto client : clients) note(client, 1);
                used += hits;
                continue;
            }
            const auto picked = sampler_.pick(hits, used);
            for (unsigned i = 0; i < picked.count; ++i)
                note(clients[picked.picks[i].hit], picked.picks[i].weight);
            used += picked.count;
        }
    }
    /// How many counts are farther from the truth than their error says, and how many there are.
    void check(unsigned& wrong, unsigned& rows, unsigned& inexact) {
        const auto answer = ledger_.top({sweepgate::TalkersBy::client, 1000, 0}, now_);
        for (const auto& talker : answer.talkers) {
            const auto truth = true_[static_cast<std::uint32_t>(talker.client->address.value)];
            const auto off =
                truth > talker.packets ? truth - talker.packets : talker.packets - truth;
            ++rows;
            if (off > 0) ++inexact;
            if (off > talker.error) ++wrong;
            true_.erase(static_cast<std::uint32_t>(talker.client->address.value));
        }
        for (const auto& [client, truth] : true_)
            if (truth > answer.floor) ++wrong;
    }

private:
    std::uint32_t random_client() {
        const auto drawn = random_() % 1024;
        return static_cast<std::uint32_t>(drawn < 512 ? 1 : drawn < 768 ? 2 : drawn % 64);
    }
    void note(std::uint32_t client, std::uint64_t weight) {
        sweepgate::who::Hit hit;
        hit.client = sweepgate::host(sweepgate::ipv4(client));
        hit.weight = weight;
        ledger_.note(hit, now_, 0);
    }

    std::mt19937 random_;
    HitSampler sampler_;
    sweepgate::who::SteadyClock::time_point now_{};
    sweepgate::who::Ledger ledger_{{}, now_};
    std::map<std::uint32_t, std::uint64_t> true_;
};

} // namespace

TEST(HitSampler, LeavesCountsThatAreNoFartherFromTheTruthThanTheirErrorSays) {
    unsigned wrong = 0;
    unsigned rows = 0;
    unsigned inexact = 0;
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        Flood flood(seed);
        for (int reading = 0; reading < 5; ++reading)
            flood.fill(40 + 30 * (seed % 8), 5 + seed % 60);
        flood.check(wrong, rows, inexact);
    }
    CHECK_TRUE(inexact > rows / 10); // or nothing was sampled
    CHECK_TRUE(wrong * 1000 <= rows);
}

TEST_GROUP(HitRing){};

TEST(HitRing, SeesWhatTheReaderTookBeforeABurstCouldSeemToFillHalfOfIt) {
    HitRing ring;
    HitSampler sampler{7};
    for (int burst = 0; burst < 1000; ++burst) { // each read before the next
        CHECK_TRUE(sampler.takes_all(64, ring.used()));
        for (int hit = 0; hit < 64; ++hit) ring.push({});
        ring.publish();
        ring.drain(HitRing::kCapacity, [](const HitRecord&) {});
    }
}

TEST(HitRing, HandsOverWhatWasPublishedInOrder) {
    HitRing ring;
    std::uint32_t written = 0;
    std::uint32_t read = 0;
    const auto check = [&read](const HitRecord& record) {
        CHECK_EQUAL(read, record.weight);
        ++read;
    };
    for (int round = 0; round < 1000; ++round) {
        for (int i = 0; i < 400 && ring.used() < HitRing::kCapacity; ++i) {
            HitRecord record;
            record.weight = written++;
            ring.push(record);
        }
        ring.publish();
        ring.drain(300, check);
    }
    ring.drain(HitRing::kCapacity, check);
    CHECK_EQUAL(written, read);
    CHECK_TRUE(read > 100'000);
    CHECK_EQUAL(0U, ring.drain(10, [](const HitRecord&) {}));
}
