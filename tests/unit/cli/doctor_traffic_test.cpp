// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/doctor_traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;

TEST_GROUP(DoctorTraffic){};

TEST(DoctorTraffic, OfABoxWithoutBridgesAndFlowtablesIsNotMentioned) {
    CHECK_TRUE(ways_past_nftables(nftables::Paths{}).empty());
}

TEST(DoctorTraffic, OfABridgeIsWellAndOfAFlowtableIsNot) {
    nftables::Paths paths;
    paths.bridges = {"br0"};
    paths.flowtables = {{"inet", "fw", "fast", {"lan0"}, false}};
    const auto findings = ways_past_nftables(paths);
    CHECK_EQUAL(2, findings.size());
    CHECK_TRUE(boards::Level::ok == findings[0].level);
    STRCMP_CONTAINS("br0", findings[0].text.c_str());
    CHECK_TRUE(boards::Level::warning == findings[1].level);
    STRCMP_CONTAINS("flowtable inet fw fast (lan0)", findings[1].text.c_str());
    STRCMP_CONTAINS("no gate of this box is current", findings[1].remedy.c_str());
}

TEST(DoctorTraffic, OfAPortThatIsNotThereIsPreflightsToTell) {
    boards::Board board;
    board.pairs = {{{"in", "sg-none0", "net_af_packet", "none", ""},
                    {"out", "sg-none1", "net_af_xdp", "none", ""}}};
    CHECK_TRUE(kernel_ports(board).empty());
}
