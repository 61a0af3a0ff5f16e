// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/paths.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::nftables;

namespace {

Paths with_bridge(BridgeCalls calls) {
    Paths paths;
    paths.bridges = {"br0"};
    paths.bridge_calls = calls;
    return paths;
}

} // namespace

TEST_GROUP(Paths){};

TEST(Paths, WithoutABridgeThereIsNothingToJudgeThere) {
    CHECK_TRUE(BridgeDuty::none == bridge_duty({}));
    CHECK_TRUE(describe_bypasses({}, "").empty());
}

TEST(Paths, ABridgeIsJudgedWhereIpsHooksDoNotSeeAllOfIt) {
    CHECK_TRUE(BridgeDuty::all == bridge_duty(with_bridge({false, false, false})));
    CHECK_TRUE(BridgeDuty::all == bridge_duty(with_bridge({true, false, true})));
    CHECK_TRUE(BridgeDuty::all == bridge_duty(with_bridge({false, true, true})));
}

TEST(Paths, NothingIsCountedTwiceWhereIpsHooksSeeABridge) {
    CHECK_TRUE(BridgeDuty::tagged == bridge_duty(with_bridge({true, true, false})));
    CHECK_TRUE(BridgeDuty::none == bridge_duty(with_bridge({true, true, true})));
}

TEST(Paths, ABridgeThatTheKernelDoesNotLetUsJudgeIsABypassWithItsName) {
    const auto paths = with_bridge({});
    CHECK_TRUE(describe_bypasses(paths, "").empty());
    const auto told = describe_bypasses(paths, "add the table: Operation not supported");
    CHECK_EQUAL(1, told.size());
    STRCMP_EQUAL("what bridge br0 switches is not judged: add the table: Operation not supported",
                 told.front().c_str());
}

TEST(Paths, AFlowtableIsABypassWithItsDevices) {
    Paths paths;
    paths.flowtables = {{"inet", "fw", "fast", {"lan0", "wan0"}, false},
                        {"ip", "hw", "f", {}, true}};
    const auto told = describe_bypasses(paths, "");
    CHECK_EQUAL(2, told.size());
    STRCMP_EQUAL("flows in flowtable inet fw fast (lan0, wan0) are not judged: remove it, or keep "
                 "listed addresses out of its rule",
                 told.front().c_str());
    STRCMP_CONTAINS("flowtable ip hw f are not judged, not even seen by the kernel",
                    told.back().c_str());
}

TEST(Paths, AnotherSwitchIsABypassAndAnXdpProgramADoubt) {
    Paths paths;
    paths.switches = {"ovs0"};
    paths.xdp = {"eth1"};
    CHECK_EQUAL(1, describe_bypasses(paths, "").size());
    STRCMP_CONTAINS("ovs0", describe_bypasses(paths, "").front().c_str());
    CHECK_EQUAL(1, describe_doubts(paths).size());
    STRCMP_CONTAINS("XDP program on eth1", describe_doubts(paths).front().c_str());
}
