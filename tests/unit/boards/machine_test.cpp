// SPDX-License-Identifier: Apache-2.0
#include "boards/machine.hpp"

#include "tests/unit/boards/made_up_machine.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

TEST_GROUP(Machine) { MadeUpMachine machine; };

TEST(Machine, TellsTheInstructionSets) {
    machine.write("proc/cpuinfo", "processor : 0\nflags\t\t: fpu sse4_2 avx2\n");
    const auto found = processor(machine.paths());
    CHECK_TRUE(found.level == Level::ok);
    STRCMP_EQUAL("4 online; SSE4.2, AVX2", found.text.c_str());
}

TEST(Machine, CannotRunDpdkWithoutSse42) {
    machine.write("proc/cpuinfo", "processor : 0\nflags\t\t: fpu sse2\n");
    CHECK_TRUE(processor(machine.paths()).level == Level::fault);
    machine.write("proc/cpuinfo", "processor : 0\nFeatures : fp asimd\n");
    CHECK_TRUE(processor(machine.paths()).level == Level::ok);
}

TEST(Machine, CountsHugepagesOfEverySize) {
    STRCMP_EQUAL("256 free of 2048kB", free_hugepages(machine.paths()).text.c_str());
    machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
    CHECK_TRUE(free_hugepages(machine.paths()).level == Level::warning);
}

TEST(Machine, SaysWhichPmdDrivesANic) {
    machine.add_pci("0000:02:00.0", "8086:1533");
    machine.write("sys/bus/pci/devices/0000:02:00.0/class", "0x020000\n");
    machine.bind("0000:02:00.0", "igb");
    machine.add_interface("0000:02:00.0", "eth0");
    machine.add_pci("0000:00:01.0", "8086:7010");
    machine.write("sys/bus/pci/devices/0000:00:01.0/class", "0x010180\n");
    const auto found = network_ports(machine.paths());
    CHECK_EQUAL(1U, found.size());
    STRCMP_EQUAL("nic 0000:02:00.0", found[0].subject.c_str());
    STRCMP_EQUAL("eth0, 8086:1533 on igb: DPDK drives it with net_e1000_igb; default route: not "
                 "for a gate",
                 found[0].text.c_str());
}

TEST(Machine, SendsUnknownNicsThroughAfXdp) {
    machine.add_pci("0000:02:00.0", "10ec:8168");
    machine.write("sys/bus/pci/devices/0000:02:00.0/class", "0x020000\n");
    machine.link("sys/class/net/eth1/device/driver", "../drivers/virtio_net");
    const auto found = network_ports(machine.paths());
    CHECK_EQUAL(2U, found.size());
    STRCMP_EQUAL("10ec:8168 on no driver: no DPDK driver of its own: through AF_XDP",
                 found[0].text.c_str());
    STRCMP_EQUAL("virtio_net, not on PCI: through AF_XDP", found[1].text.c_str());
}
