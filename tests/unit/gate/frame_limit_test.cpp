// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/frame_limit.hpp"

#include "tests/unit/filter/packet.hpp"

#include <rte_mbuf.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

bool is_too_big(std::vector<std::uint8_t> frame, unsigned mtu) {
    rte_mbuf mbuf{};
    mbuf.buf_addr = frame.data();
    mbuf.data_len = static_cast<std::uint16_t>(frame.size());
    mbuf.pkt_len = static_cast<std::uint32_t>(frame.size());
    return exceeds(mbuf, mtu);
}

} // namespace

TEST_GROUP(FrameLimit){};

TEST(FrameLimit, CountsThePayloadAndNotTheLink) {
    CHECK_FALSE(is_too_big(packet().ether(0x0800).padded(14 + 1500), 1500));
    CHECK_TRUE(is_too_big(packet().ether(0x0800).padded(14 + 1501), 1500));
    CHECK_FALSE(is_too_big(packet().vlan(4).ether(0x0800).padded(18 + 1500), 1500));
    CHECK_TRUE(is_too_big(packet().vlan(4).ether(0x0800).padded(18 + 1501), 1500));
    CHECK_FALSE(is_too_big(packet().tag(0x88A8, 3).vlan(4).ether(0x0800).padded(22 + 1500), 1500));
    CHECK_TRUE(is_too_big(packet().tag(0x88A8, 3).vlan(4).ether(0x0800).padded(22 + 1501), 1500));
    CHECK_TRUE(is_too_big(packet().mpls(3).padded(14 + 1504), 1500)); // a label is payload
}

TEST(FrameLimit, LetsTheSmallestFrameThrough) {
    CHECK_FALSE(is_too_big({1}, 1500));
    CHECK_FALSE(is_too_big({}, 1500));
}
