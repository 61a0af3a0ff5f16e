// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/boards/made_up_machine.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace {

const std::string kDevices = "sys/bus/pci/devices/";

fs::path temporary_folder() {
    auto pattern = (fs::temp_directory_path() / "sg-machine-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    return pattern;
}

std::string configuration_space(char interrupt_pin) {
    std::string bytes(64, '\0');
    bytes[0x3D] = interrupt_pin;
    return bytes;
}

} // namespace

MadeUpMachine::MadeUpMachine() {
    paths_.root = temporary_folder();
    write("sys/devices/system/cpu/online", "0-3\n");
    write("sys/devices/system/cpu/isolated", "3\n");
    write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "256\n");
    write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    write("proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable:    1048576 kB\n");
    write("proc/net/dev",
          "Inter-|   Receive\n face |bytes\n    lo: 0 0\n  eth0: 1 2\n  eth1: 0 0\n");
    write("proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
                            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
                            "eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
}

MadeUpMachine::~MadeUpMachine() {
    std::error_code error;
    fs::remove_all(paths_.root, error);
}

void MadeUpMachine::write(const std::string& path, const std::string& text) const {
    const auto file = paths_.at(path);
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

void MadeUpMachine::link(const std::string& path, const std::string& target) const {
    const auto file = paths_.at(path);
    fs::create_directories(file.parent_path());
    fs::remove(file);
    fs::create_symlink(target, file);
}

void MadeUpMachine::add_pci(const std::string& address, const std::string& id) const {
    write(kDevices + address + "/vendor", "0x" + id.substr(0, 4) + "\n");
    write(kDevices + address + "/device", "0x" + id.substr(5) + "\n");
    write(kDevices + address + "/config", configuration_space(1));
}

void MadeUpMachine::bind(const std::string& address, const std::string& driver) const {
    link(kDevices + address + "/driver", "../../drivers/" + driver);
}

void MadeUpMachine::put_in_group(const std::string& address, const std::string& group) const {
    link(kDevices + address + "/iommu_group", "../../../../kernel/iommu_groups/" + group);
    link("sys/kernel/iommu_groups/" + group + "/devices/" + address,
         "../../../../bus/pci/devices/" + address);
}

void MadeUpMachine::take_interrupt_pin(const std::string& address) const {
    write(kDevices + address + "/config", configuration_space(0));
}

void MadeUpMachine::add_interface(const std::string& address, const std::string& name) const {
    write(kDevices + address + "/net/" + name + "/mtu", "1500\n");
}

void MadeUpMachine::lock_down() const {
    write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
}
