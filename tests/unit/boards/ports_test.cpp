// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "tests/unit/boards/made_up_machine.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

namespace {

constexpr auto kLan = "0000:02:00.0";
constexpr auto kWan = "0000:01:00.0";

Board profile() {
    Board board;
    board.id = "profile";
    board.lcores = {1};
    return board;
}

std::string error_of(const sweepgate::Result<Board>& result) {
    if (result) return {};
    return result.error().what;
}

} // namespace

TEST_GROUP(BindLadder) {
    MadeUpMachine machine;
    std::string choice(std::string_view pmd) {
        const auto bind = choose_bind(kLan, pmd, machine.paths());
        return bind ? *bind : bind.error().what;
    }
    void setup() override { machine.add_pci(kLan, "8086:1533"); }
};

TEST(BindLadder, PrefersVfioInAnIommuGroup) {
    machine.put_in_group(kLan, "7");
    STRCMP_EQUAL("vfio-pci", choice("net_e1000_igb").c_str());
}

TEST(BindLadder, FallsToUioWithoutAnIommu) {
    STRCMP_EQUAL("uio_pci_generic", choice("net_e1000_igb").c_str());
}

TEST(BindLadder, LeavesABifurcatedPmdOnTheKernelDriver) {
    STRCMP_EQUAL("none", choice("net_mlx5").c_str());
}

TEST(BindLadder, RefusesAVirtualFunctionWithoutAnIommu) {
    STRCMP_CONTAINS("no IOMMU group, and net_iavf needs vfio-pci", choice("net_iavf").c_str());
}

TEST(BindLadder, RefusesUioWithoutAnInterruptPin) {
    machine.take_interrupt_pin(kLan);
    STRCMP_CONTAINS("no INTx pin", choice("net_e1000_igb").c_str());
    STRCMP_CONTAINS("AF_XDP", choice("net_e1000_igb").c_str());
}

TEST(BindLadder, RefusesUioUnderLockdown) {
    machine.lock_down();
    STRCMP_CONTAINS("kernel lockdown forbids uio", choice("net_e1000_igb").c_str());
}

TEST(BindLadder, NeverTakesTheManagementPort) {
    machine.add_interface(kLan, "eth0");
    STRCMP_CONTAINS("carries the management interface eth0", choice("net_e1000_igb").c_str());
}

TEST(BindLadder, KeepsToTheOnlyDriverAPmdKnows) {
    machine.put_in_group(kLan, "7");
    STRCMP_EQUAL("uio_pci_generic", choice("net_atlantic").c_str()); // its metadata has no vfio
}

TEST_GROUP(NamedPorts) {
    MadeUpMachine machine;
    sweepgate::Result<Board> with(std::vector<std::string> devices,
                                  const Board& board = profile()) {
        return with_ports(board, devices, "net_af_xdp", machine.paths());
    }
};

TEST(NamedPorts, GetPmdAndBindFromTheMachine) {
    machine.add_pci(kLan, "8086:1533");
    machine.add_pci(kWan, "8086:125c");
    machine.put_in_group(kWan, "1");
    const auto board = with({kLan, kWan});
    STRCMP_EQUAL("", error_of(board).c_str());
    CHECK_TRUE(
        (board->pairs.at(0).first == Port{"lan0", kLan, "net_e1000_igb", "uio_pci_generic", ""}));
    CHECK_TRUE((board->pairs.at(0).second == Port{"wan0", kWan, "net_igc", "vfio-pci", ""}));
}

TEST(NamedPorts, MayBeKernelInterfaces) {
    machine.write("proc/net/dev", "a|b\n eth1: 0\n eth2: 0\n");
    const auto board = with({"eth1", "eth2"});
    STRCMP_EQUAL("", error_of(board).c_str());
    CHECK_TRUE((board->pairs.at(0).second == Port{"wan0", "eth2", "net_af_xdp", "none", ""}));
}

TEST(NamedPorts, FollowTheBoardsOwnTable) {
    machine.add_pci(kLan, "10ec:8168");
    machine.add_pci(kWan, "10ec:8168");
    auto board = profile();
    board.nics = {{{"10ec:8168"}, "net_e1000_em", {"uio_pci_generic"}}};
    STRCMP_EQUAL("net_e1000_em", with({kLan, kWan}, board)->pairs.at(0).first.pmd.c_str());
    STRCMP_CONTAINS("no PMD of DPDK 22.11 claims PCI id 10ec:8168",
                    error_of(with({kLan, kWan})).c_str());
}

TEST(NamedPorts, AreRefusedWhenOneIsTheWayToTheManagement) {
    STRCMP_CONTAINS("eth0 carries the management interface",
                    error_of(with({"eth1", "eth0"})).c_str());
    auto board = profile();
    board.management = {"eth1"};
    STRCMP_CONTAINS("eth1 carries the management interface",
                    error_of(with({"eth1", "eth0"}, board)).c_str());
}

TEST(NamedPorts, AreRefusedWhenTheyAreNotThere) {
    STRCMP_EQUAL("no network interface eth9", error_of(with({"eth1", "eth9"})).c_str());
    STRCMP_EQUAL("no PCI device 0000:02:00.0", error_of(with({kLan, kWan})).c_str());
}

TEST(NamedPorts, ComeInPairsAndOnceEach) {
    STRCMP_CONTAINS("ports come in pairs", error_of(with({"eth1"})).c_str());
    STRCMP_CONTAINS("ports come in pairs", error_of(with({})).c_str());
    STRCMP_CONTAINS("'eth1' is named twice", error_of(with({"eth1", "eth1"})).c_str());
    STRCMP_CONTAINS("neither a PCI address", error_of(with({"eth1", "../../etc"})).c_str());
}

TEST_GROUP(DefaultRoute) { MadeUpMachine machine; };

TEST(DefaultRoute, IsFoundForBothFamilies) {
    // destination, length, source, length, next hop, metric, uses, references, flags, interface
    machine.write("proc/net/ipv6_route",
                  "00000000000000000000000000000000 00 "
                  "00000000000000000000000000000000 00 "
                  "fd000000000000000000000000000001 00000400 2 0 00000003 eth1\n"
                  "00000000000000000000000000000000 00 "
                  "00000000000000000000000000000000 00 "
                  "00000000000000000000000000000000 ffffffff 1 0 00200200 lo\n");
    const auto names = default_route_interfaces(machine.paths());
    CHECK_TRUE((names == std::vector<std::string>{"eth0", "eth1"}));
}

TEST(DefaultRoute, IsNothingWithoutRoutingTables) {
    machine.write("proc/net/route", "");
    CHECK_TRUE(default_route_interfaces(machine.paths()).empty());
}
