// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/unit/boards/made_up_machine.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

SimpleString StringFrom(Level level) { return SimpleString(std::string(to_string(level)).c_str()); }

namespace {

constexpr auto kLan = "0000:02:00.0";

Board board_with(Port lan) {
    Board board;
    board.id = "sample";
    board.lcores = {3};
    board.hugepages = 128;
    board.pairs = {{std::move(lan), Port{"wan0", "eth1", "net_af_xdp", "none", ""}}};
    return board;
}

Port pci_port(const std::string& bind) { return {"lan0", kLan, "net_e1000_igb", bind, ""}; }

} // namespace

TEST_GROUP(Preflight) {
    MadeUpMachine machine;

    Finding finding(const Board& board, const std::string& subject) {
        for (auto& found : preflight(board, machine.paths()))
            if (found.subject == subject) return found;
        return {Level::fault, subject, "no such finding", ""};
    }
    void setup() override { machine.add_pci(kLan, "8086:1533"); }
};

TEST(Preflight, FindsNothingWrongOnAReadyMachine) {
    machine.put_in_group(kLan, "7");
    machine.bind(kLan, "vfio-pci");
    for (const auto& found : preflight(board_with(pci_port("vfio-pci")), machine.paths())) {
        CHECK_EQUAL_TEXT(Level::ok, found.level, (found.subject + ": " + found.text).c_str());
        CHECK_TRUE(found.remedy.empty());
    }
}

TEST(Preflight, MissesHugepages) {
    auto board = board_with(pci_port("vfio-pci"));
    board.hugepages = 300;
    const auto found = finding(board, "hugepages");
    CHECK_EQUAL(Level::fault, found.level);
    STRCMP_EQUAL("256 of 300 pages of 2048 kB free", found.text.c_str());
    STRCMP_CONTAINS("echo 300 >", found.remedy.c_str());
    board.hugepage_kb = 1048576;
    STRCMP_EQUAL("the kernel has no hugepages of 1048576 kB",
                 finding(board, "hugepages").text.c_str());
}

TEST(Preflight, MissesOrdinaryMemory) {
    auto board = board_with(pci_port("vfio-pci"));
    board.no_huge = true;
    board.memory_mb = 1024;
    CHECK_EQUAL(Level::ok, finding(board, "memory").level);
    board.memory_mb = 1025;
    CHECK_EQUAL(Level::fault, finding(board, "memory").level);
}

TEST(Preflight, MissesAProcessor) {
    auto board = board_with(pci_port("vfio-pci"));
    board.lcores = {3, 4};
    STRCMP_EQUAL("processor 4 is not online", finding(board, "lcores").text.c_str());
}

TEST(Preflight, WarnsOfAForwardingLcoreThatOthersUse) {
    auto board = board_with(pci_port("vfio-pci"));
    board.lcores = {2, 3};
    const auto found = finding(board, "lcores");
    CHECK_EQUAL(Level::warning, found.level);
    STRCMP_EQUAL("forwarding lcore 2 also runs other work", found.text.c_str());
    STRCMP_EQUAL("isolcpus=2, 3 on the kernel command line", found.remedy.c_str());
}

TEST(Preflight, MissesADevice) {
    auto port = pci_port("vfio-pci");
    port.device = "0000:09:00.0";
    STRCMP_EQUAL("no PCI device 0000:09:00.0", finding(board_with(port), "port lan0").text.c_str());
    port = {"lan0", "eth7", "net_af_xdp", "none", ""};
    STRCMP_EQUAL("no network interface eth7", finding(board_with(port), "port lan0").text.c_str());
}

TEST(Preflight, SaysHowToBindADeviceThatTheKernelStillHolds) {
    machine.put_in_group(kLan, "7");
    machine.bind(kLan, "igb");
    const auto found = finding(board_with(pci_port("vfio-pci")), "port lan0");
    STRCMP_EQUAL("0000:02:00.0 is bound to igb, not to vfio-pci", found.text.c_str());
    STRCMP_CONTAINS("echo vfio-pci > /sys/bus/pci/devices/0000:02:00.0/driver_override",
                    found.remedy.c_str());
}

TEST(Preflight, OffersUioWhereThereIsNoIommu) {
    const auto found = finding(board_with(pci_port("vfio-pci")), "port lan0");
    CHECK_EQUAL(Level::fault, found.level);
    STRCMP_CONTAINS("in no IOMMU group", found.text.c_str());
    STRCMP_CONTAINS("bind = \"uio_pci_generic\"", found.remedy.c_str());
}

TEST(Preflight, NamesWhatElseHoldsTheIommuGroup) {
    machine.add_pci("0000:02:00.1", "8086:1533");
    machine.add_pci("0000:00:1c.0", "8086:a110");
    for (const auto* address : {kLan, "0000:02:00.1", "0000:00:1c.0"})
        machine.put_in_group(address, "7");
    machine.bind(kLan, "vfio-pci");
    machine.bind("0000:02:00.1", "igb");
    machine.bind("0000:00:1c.0", "pcieport");
    STRCMP_EQUAL("its IOMMU group also holds 0000:02:00.1 (igb)",
                 finding(board_with(pci_port("vfio-pci")), "port lan0").text.c_str());
}

TEST(Preflight, RefusesUioUnderLockdown) {
    machine.bind(kLan, "uio_pci_generic");
    CHECK_EQUAL(Level::ok, finding(board_with(pci_port("uio_pci_generic")), "port lan0").level);
    machine.lock_down();
    STRCMP_CONTAINS("kernel lockdown",
                    finding(board_with(pci_port("uio_pci_generic")), "port lan0").text.c_str());
}

TEST(Preflight, RefusesTheWrongPmdForAnId) {
    machine.put_in_group(kLan, "7");
    auto port = pci_port("vfio-pci");
    port.pmd = "net_igc";
    const auto found = finding(board_with(port), "port lan0");
    STRCMP_EQUAL("0000:02:00.0 is 8086:1533, which net_igc does not drive", found.text.c_str());
    STRCMP_EQUAL("pmd = \"net_e1000_igb\"", found.remedy.c_str());
}

TEST(Preflight, NeverTakesTheManagementPort) {
    machine.add_interface(kLan, "eth0");
    STRCMP_CONTAINS("carries the default route (eth0)",
                    finding(board_with(pci_port("vfio-pci")), "port lan0").text.c_str());
    const Port port{"lan0", "eth0", "net_af_xdp", "none", ""};
    STRCMP_EQUAL("eth0 carries the default route",
                 finding(board_with(port), "port lan0").text.c_str());
}

TEST(Preflight, SaysThatAProfileHasNoPorts) {
    auto board = board_with(pci_port("vfio-pci"));
    board.pairs.clear();
    STRCMP_EQUAL("board sample names no port pair", finding(board, "ports").text.c_str());
}
