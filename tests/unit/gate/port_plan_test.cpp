// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/port_plan.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::gate;

namespace {

PortFacts nic(unsigned queues) {
    PortFacts facts;
    facts.is_nic = facts.scatters = facts.multi_segs = true;
    facts.most_rx = facts.most_tx = queues;
    facts.mtu = 1500;
    return facts;
}

PortFacts kernel_port(unsigned queues) {
    PortFacts facts;
    facts.polls_all = true;
    facts.most_rx = facts.most_tx = queues;
    facts.mtu = 1500;
    return facts;
}

} // namespace

TEST_GROUP(PortPlan){};

TEST(PortPlan, BoundsLcoresByTransmitQueuesOfBothAndReceiveQueuesOfOne) {
    CHECK_EQUAL(4U, most_lcores(nic(8), nic(4)));
    CHECK_EQUAL(1U, most_lcores(nic(8), kernel_port(1)));
    auto one_in = nic(8);
    one_in.most_rx = 1;
    CHECK_EQUAL(8U, most_lcores(one_in, nic(16)));
    CHECK_EQUAL(1U, most_lcores(nic(0), nic(4)));
}

TEST(PortPlan, TakesAQueuePairForEachLcore) {
    const auto setup = plan_port(nic(8), nic(8), 3);
    CHECK_EQUAL(3U, setup.plan.rx_queues);
    CHECK_EQUAL(3U, setup.plan.tx_queues);
    CHECK_EQUAL(6U * setup.plan.descriptors, setup.buffers);
    CHECK_EQUAL(kBufferRoom, setup.room);
}

TEST(PortPlan, LeavesNoQueueUnreadThatThePacketsComeToAnyway) {
    const auto setup = plan_port(kernel_port(4), kernel_port(4), 1);
    CHECK_EQUAL(4U, setup.plan.rx_queues);
    CHECK_EQUAL(4U, setup.plan.tx_queues);
}

TEST(PortPlan, RoundsUpWhereTheDriverWantsAPowerOfTwo) {
    auto port = nic(16);
    port.wants_power_of_2 = true;
    CHECK_EQUAL(4U, plan_port(port, port, 3).plan.rx_queues); // one lcore polls two
    CHECK_EQUAL(3U, plan_port(port, port, 3).plan.tx_queues);
}

TEST(PortPlan, MakesChainsOfJumboFramesWhereBothPortsCan) {
    auto port = nic(1);
    port.mtu = 9000;
    CHECK_TRUE(plan_port(port, port, 1).plan.scatter);
    CHECK_TRUE(plan_port(port, port, 1).plan.multi_segs);
    CHECK_EQUAL(kBufferRoom, plan_port(port, port, 1).room);
}

TEST(PortPlan, MakesLargeBuffersWhereTheOtherPortSendsNoChains) {
    auto port = nic(1), peer = nic(1);
    port.mtu = peer.mtu = 9000;
    peer.multi_segs = false;
    const auto setup = plan_port(port, peer, 1);
    CHECK_FALSE(setup.plan.scatter);
    CHECK(setup.room >= 9000 + 26);
    CHECK_EQUAL(0U, setup.room % 64);
    CHECK(setup.plan.descriptors < 1024);
}

TEST(PortPlan, HoldsAWholeFrameOfAnAfPacketRing) {
    auto port = kernel_port(1);
    port.ring_frame = 16384;
    CHECK_EQUAL(16384U, plan_port(port, nic(1), 1).room);
}

TEST(PortPlan, HoldsFramesToTheMtuAheadUnlessTheNicDoes) {
    auto jumbo = nic(1);
    jumbo.mtu = 9000;
    CHECK_EQUAL(0U, limit_between(nic(1), nic(1)));
    CHECK_EQUAL(0U, limit_between(nic(1), jumbo));
    CHECK_EQUAL(1500U, limit_between(jumbo, nic(1)));
    CHECK_EQUAL(1500U, limit_between(kernel_port(1), kernel_port(1)));
    CHECK_EQUAL(0U, limit_between(kernel_port(1), PortFacts{})); // knows no MTU
}
