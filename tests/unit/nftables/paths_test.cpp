// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/paths.hpp"

#include <array>

#include <libmnl/libmnl.h>
#include <libnftnl/flowtable.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

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

TEST(Paths, AFlowtableIsReadAsTheKernelTellsIt) {
    alignas(nlmsghdr) std::array<char, 4096> bytes{};
    auto* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_NEWFLOWTABLE;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = NFPROTO_INET;
    auto* table = nftnl_flowtable_alloc();
    std::array<const char*, 3> devices{"lan0", "wan0", nullptr};
    nftnl_flowtable_set_str(table, NFTNL_FLOWTABLE_TABLE, "fw");
    nftnl_flowtable_set_str(table, NFTNL_FLOWTABLE_NAME, "fast");
    nftnl_flowtable_set_u32(table, NFTNL_FLOWTABLE_HOOKNUM, 0);
    nftnl_flowtable_set_s32(table, NFTNL_FLOWTABLE_PRIO, -10);
    nftnl_flowtable_set_u32(table, NFTNL_FLOWTABLE_FLAGS, NFT_FLOWTABLE_HW_OFFLOAD);
    nftnl_flowtable_set_array(table, NFTNL_FLOWTABLE_DEVICES, devices.data());
    nftnl_flowtable_nlmsg_build_payload(message, table);
    nftnl_flowtable_free(table);

    const auto found = parse_flowtable(*message);
    CHECK_TRUE(found.has_value());
    STRCMP_EQUAL("inet", found->family.c_str());
    STRCMP_EQUAL("fw", found->table.c_str());
    STRCMP_EQUAL("fast", found->name.c_str());
    CHECK_TRUE(found->in_hardware);
    CHECK_EQUAL(2, found->devices.size());
    STRCMP_EQUAL("wan0", found->devices.back().c_str());
}
