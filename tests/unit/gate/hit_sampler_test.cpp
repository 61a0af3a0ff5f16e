// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/hit_sampler.hpp"

#include <cmath>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;

TEST_GROUP(HitSampler) { HitSampler sampler{20261122}; };

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

TEST_GROUP(HitRing){};

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
