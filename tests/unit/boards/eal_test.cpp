// SPDX-License-Identifier: Apache-2.0
#include "boards/board.hpp"
#include "tests/unit/boards/samples.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

namespace {

std::string line_of(const Board& board) {
    std::string line;
    for (const auto& argument : eal_arguments(board)) line += (line.empty() ? "" : " ") + argument;
    return line;
}

Board software_board() {
    Board board;
    board.id = "soft";
    board.lcores = {1};
    board.no_huge = true;
    board.memory_mb = 128;
    board.pairs = {{Port{"a", "a", "net_null", "none", "size=64"},
                    Port{"b", "b", "net_pcap", "none", "rx_pcap=/x/in.pcap"}}};
    return board;
}

} // namespace

TEST_GROUP(EalArguments){};

TEST(EalArguments, AllowThePciPortsAndLeaveTheVirtualOnesToTheGate) {
    STRCMP_EQUAL("-l 1,2,3 --main-lcore 3 --in-memory -m 200 --no-telemetry "
                 "--file-prefix=sweepgate-two -a 0000:02:00.0 -a 0000:01:00.0",
                 line_of(*parse_board(kGoodBoard, "b.toml")).c_str());
}

TEST(EalArguments, KeepOffThePciBusWhenNoPortNeedsIt) {
    STRCMP_EQUAL("-l 0,1 --main-lcore 0 --no-huge --no-shconf -m 128 --no-telemetry "
                 "--file-prefix=sweepgate-soft --no-pci --iova-mode=va",
                 line_of(software_board()).c_str());
}

TEST_GROUP(PortDevices){};

TEST(PortDevices, AreDpdksNamesAndArgumentsInPairs) {
    const auto devices = port_devices(*parse_board(kGoodBoard, "b.toml"));
    CHECK_EQUAL(2U, devices.size());
    STRCMP_EQUAL("0000:02:00.0", devices[0].first.c_str());
    STRCMP_EQUAL("0000:01:00.0", devices[0].second.c_str());
    STRCMP_EQUAL("net_af_xdp0,iface=eth1", devices[1].first.c_str());
    STRCMP_EQUAL("net_af_xdp1,iface=eth2,start_queue=0", devices[1].second.c_str());
}

TEST(PortDevices, AreNumberedForEachPmdApart) {
    const auto devices = port_devices(software_board());
    STRCMP_EQUAL("net_null0,size=64", devices[0].first.c_str());
    STRCMP_EQUAL("net_pcap0,rx_pcap=/x/in.pcap", devices[0].second.c_str());
}
