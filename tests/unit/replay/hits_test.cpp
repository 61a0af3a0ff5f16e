// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/hits.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::replay;

TEST_GROUP(Hits) {
    HitKey key{ipv4(0xC0000201), 0, filter::Verdict::drop, filter::PortClass::own, 6, 5190};

    static Record record(Moment at, std::uint32_t wire) { return {{nullptr, 0, wire}, at, wire}; }
};

TEST(Hits, AddUpByKey) {
    Hits hits;
    hits.add(key, record(30, 60));
    hits.add(key, record(10, 100));
    auto other = key;
    other.server_port = 443;
    hits.add(other, record(20, 60));
    const auto top = hits.top(10);
    UNSIGNED_LONGS_EQUAL(2, top.size());
    UNSIGNED_LONGS_EQUAL(2, top[0].tally.packets);
    UNSIGNED_LONGS_EQUAL(160, top[0].tally.bytes);
    CHECK_TRUE(10 == top[0].tally.first && 30 == top[0].tally.last);
    UNSIGNED_LONGS_EQUAL(1, hits.clients());
}

TEST(Hits, ShowTheMostFrequentFirst) {
    Hits hits;
    for (std::uint32_t client = 1; client <= 5; ++client)
        for (std::uint32_t i = 0; i < client; ++i) {
            key.client = ipv4(client);
            hits.add(key, record(0, 60));
        }
    const auto top = hits.top(2);
    UNSIGNED_LONGS_EQUAL(2, top.size());
    CHECK_TRUE(top[0].key.client == ipv4(5));
    CHECK_TRUE(top[1].key.client == ipv4(4));
    UNSIGNED_LONGS_EQUAL(5, hits.clients());
}

TEST(Hits, OpenNoRowBeyondTheLimit) {
    Hits hits(3);
    for (std::uint32_t client = 1; client <= 5; ++client) {
        key.client = ipv4(client);
        hits.add(key, record(0, 60));
    }
    key.client = ipv4(1);
    hits.add(key, record(0, 60)); // its row is there already
    UNSIGNED_LONGS_EQUAL(3, hits.rows());
    UNSIGNED_LONGS_EQUAL(2, hits.left_out().packets);
    UNSIGNED_LONGS_EQUAL(2, hits.top(1)[0].tally.packets);
}
