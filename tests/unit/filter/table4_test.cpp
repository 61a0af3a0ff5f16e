// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/table4.hpp"

#include <array>
#include <random>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

using Stretches = std::vector<Stretch4>;

ClassId expected(const Stretches& stretches, std::uint32_t address) {
    for (const auto& stretch : stretches)
        if (stretch.first <= address && address <= stretch.last) return stretch.id;
    return kUnlisted;
}

/// At and around every edge, and where its bits say that a bucket begins or ends.
void check(const Stretches& stretches) {
    Arena arena;
    const Table4 table(stretches, arena);
    for (const auto& stretch : stretches)
        for (const auto edge : {stretch.first, stretch.last})
            for (unsigned bit = 0; bit <= 16; ++bit)
                for (const auto address : {edge, edge - 1, edge + 1, edge ^ (1U << bit),
                                           edge | ((1U << bit) - 1), edge & ~((1U << bit) - 1)})
                    CHECK_EQUAL(expected(stretches, address), table.lookup(address));
}

} // namespace

TEST_GROUP(Table4){};

TEST(Table4, HoldsBlocksOfEverySizeAndPlaceInABucket) {
    for (unsigned size = 0; size <= 16; ++size)
        for (const std::uint32_t within : {0U, 1U, 5U, 0x3FFFU, 0xFFFFU}) {
            const auto first = (0xC6000000U | within) >> size << size;
            check({{first, first + ((1U << size) - 1), 7}});
        }
}

TEST(Table4, HoldsRangesThatAreNoBlocks) {
    check({{0xC6000001, 0xC6000002, 7}});
    check({{0xC6000000, 0xC6000002, 7}, {0xC6000003, 0xC6000003, 8}});
    check({{0xC6000003, 0xC6000004, 7}}); // two addresses, not aligned
    check({{0, 0, 7}, {0xFFFFFFFF, 0xFFFFFFFF, 8}});
    check({{0, 0xFFFFFFFF, 7}});
}

TEST(Table4, HoldsIdsThatABucketHasNoRoomFor) {
    for (const auto id : std::array<ClassId, 5>{8190, 8191, 8192, 8193, 65535})
        check({{0xC6000000, 0xC60000FF, id}, {0xC6000105, 0xC6000105, id}});
}

TEST(Table4, HoldsWhatComes) {
    std::mt19937 generator(11); // NOLINT: the same each time
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    for (int round = 0; round < 30; ++round) {
        Stretches stretches;
        std::uint32_t next = random() % 1000;
        while (stretches.size() < 40) {
            const auto last = next + (random() % 3 != 0 ? 0U : random() % (1U << random() % 17));
            stretches.push_back({next, last, static_cast<ClassId>(2 + random() % 9000)});
            next = last + 1 + random() % (1U << random() % 20);
        }
        check(stretches);
    }
}
