// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lcore_share.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;

namespace {

using Served = std::vector<std::vector<unsigned>>;

/// `count` lcores, each second one on socket 1 when there are two.
std::vector<LcorePlace> lcores(unsigned count, Socket sockets = 1) {
    std::vector<LcorePlace> places;
    for (unsigned i = 0; i < count; ++i)
        places.push_back({10 + i, static_cast<Socket>(i) % sockets});
    return places;
}

std::map<unsigned, unsigned> pairs_of_each(const Served& served) {
    std::map<unsigned, unsigned> pairs;
    for (const auto& lcores_of_pair : served)
        for (const auto index : lcores_of_pair) ++pairs[index];
    return pairs;
}

void check_laws(const std::vector<LcorePlace>& places, const std::vector<PairPlace>& pairs) {
    const auto served = share_lcores(places, pairs);
    CHECK_EQUAL(pairs.size(), served.size());
    std::size_t given = 0, usable = 0;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        CHECK_FALSE(served[pair].empty());
        CHECK(served[pair].size() <= std::max(pairs[pair].most_lcores, 1U));
        for (const auto index : served[pair]) CHECK(index < places.size());
        given += served[pair].size();
        usable += std::max(pairs[pair].most_lcores, 1U);
    }
    if (places.size() < pairs.size()) return;
    CHECK_EQUAL(std::min(places.size(), usable), given); // none idles that a pair could use
    for (const auto& [lcore, count] : pairs_of_each(served)) CHECK_EQUAL(1U, count);
}

} // namespace

TEST_GROUP(LcoreShare){};

TEST(LcoreShare, GivesEachPairOneInTurnWhenThereAreTooFew) {
    const std::vector<PairPlace> pairs(5, PairPlace{8, 0});
    CHECK((share_lcores(lcores(2), pairs) == Served{{0}, {1}, {0}, {1}, {0}}));
}

TEST(LcoreShare, GivesPairsEqualNumbersGiveOrTakeOne) {
    const std::vector<PairPlace> pairs(3, PairPlace{8, 0});
    const auto served = share_lcores(lcores(8), pairs);
    CHECK_EQUAL(3U, served[0].size());
    CHECK_EQUAL(3U, served[1].size());
    CHECK_EQUAL(2U, served[2].size());
}

TEST(LcoreShare, GivesWhatOnePairCannotUseToTheOther) {
    const std::vector<PairPlace> pairs{{1, 0}, {8, 0}};
    const auto served = share_lcores(lcores(4), pairs);
    CHECK_EQUAL(1U, served[0].size());
    CHECK_EQUAL(3U, served[1].size());
}

TEST(LcoreShare, LeavesIdleWhatNobodyCanUse) {
    const std::vector<PairPlace> pairs{{1, 0}};
    CHECK((share_lcores(lcores(3), pairs) == Served{{0}}));
}

TEST(LcoreShare, PrefersThePairsOwnSocket) {
    const std::vector<PairPlace> pairs{{2, 1}, {2, 0}};
    CHECK((share_lcores(lcores(4, 2), pairs) == Served{{1, 3}, {0, 2}}));
}

TEST(LcoreShare, LooksFartherWhenNoneIsNear) {
    const std::vector<PairPlace> pairs{{2, 1}, {2, 1}};
    const auto served = share_lcores(lcores(4, 2), pairs);
    CHECK((served == Served{{1, 0}, {3, 2}}));
}

TEST(LcoreShare, KeepsItsLawsWhateverTheBoard) {
    std::mt19937 engine(1); // the same boards each time
    const auto random = [&](int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(engine);
    };
    for (int round = 0; round < 2000; ++round) {
        auto places = lcores(static_cast<unsigned>(random(1, 20)), random(1, 4));
        std::vector<PairPlace> pairs(static_cast<std::size_t>(random(1, 16)));
        for (auto& pair : pairs) pair = {static_cast<unsigned>(random(0, 8)), random(-1, 2)};
        check_laws(places, pairs);
    }
}

TEST_GROUP(QueueDuties){};

TEST(QueueDuties, GiveEachReceiveQueueExactlyOneLcoreAndEachLcoreItsOwnTransmitQueue) {
    for (unsigned count = 1; count <= 8; ++count)
        for (unsigned rx_queues = 1; rx_queues <= 16; ++rx_queues) {
            std::multiset<unsigned> polled;
            for (unsigned slot = 0; slot < count; ++slot)
                for (const auto& duty : queue_duties(slot, count, rx_queues)) {
                    polled.insert(duty.rx_queue);
                    CHECK_EQUAL(slot, duty.tx_queue);
                }
            CHECK_EQUAL(rx_queues, polled.size());
            for (unsigned queue = 0; queue < rx_queues; ++queue)
                CHECK_EQUAL(1U, polled.count(queue));
        }
}

TEST_GROUP(Copies){};

TEST(Copies, AreOneOnOneSocketWhateverItsNumber) {
    const auto copies = copies_for(std::vector<LcorePlace>{{1, 3}, {2, 3}});
    CHECK((copies.sockets == std::vector<Socket>{3}));
    CHECK((copies.copy_of == std::vector<unsigned>{0, 0}));
}

TEST(Copies, AreOneForEachSocketThatForwards) {
    const auto copies = copies_for(std::vector<LcorePlace>{{1, 1}, {2, 0}, {5, 1}, {9, -1}});
    CHECK((copies.sockets == std::vector<Socket>{1, 0, -1}));
    CHECK((copies.copy_of == std::vector<unsigned>{0, 1, 0, 2}));
}
