// SPDX-License-Identifier: Apache-2.0
#include "boards/machine.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "boards/pmds.hpp"
#include "boards/sysfs.hpp"

namespace sweepgate::boards {

namespace {

constexpr std::string_view kNetworkClass = "0x02"; // PCI class codes: base class 02h

/// The words behind "flags" (x86) or "Features" (arm64) of the first processor.
std::set<std::string> processor_flags(const SysPaths& paths) {
    std::ifstream file(paths.at("proc/cpuinfo"));
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
        std::istringstream words(line.substr(std::min(line.find(':') + 1, line.size())));
        std::set<std::string> flags;
        for (std::string word; words >> word;) flags.insert(word);
        return flags;
    }
    return {};
}

std::string or_none(const std::string& driver) { return driver.empty() ? "no driver" : driver; }

std::string dpdk_use(const std::string& id) {
    const auto pmd = pmd_for_pci_id(id);
    return pmd ? "DPDK drives it with " + std::string(*pmd)
               : "no DPDK driver of its own: through AF_XDP";
}

bool holds_default_route(const std::vector<std::string>& names, const SysPaths& paths) {
    const auto routes = default_route_interfaces(paths);
    return std::ranges::find_first_of(names, routes) != names.end();
}

Finding nic(const std::string& name, const std::vector<std::string>& names, std::string text,
            const SysPaths& paths) {
    if (holds_default_route(names, paths)) text += "; default route: not for a gate";
    return {Level::ok, "nic " + name, std::move(text), {}};
}

Finding pci_nic(const std::string& address, const SysPaths& paths) {
    const PciDevice pci(paths, address);
    const auto names = pci.interfaces();
    std::string text;
    for (const auto& name : names) text += name + ", ";
    text += pci.id() + " on " + or_none(pci.driver()) + ": " + dpdk_use(pci.id());
    if (pci.iommu_group()) text += ", IOMMU group " + *pci.iommu_group();
    return nic(address, names, text, paths);
}

std::vector<std::string> network_devices(const SysPaths& paths) {
    std::vector<std::string> addresses;
    const auto folder = paths.at("sys/bus/pci/devices");
    for (const auto& address : names_in(folder))
        if (first_line(folder / address / "class").value_or("").starts_with(kNetworkClass))
            addresses.push_back(address);
    return addresses;
}

} // namespace

Finding processor(const SysPaths& paths) {
    const auto flags = processor_flags(paths);
    std::string found;
    for (const auto& [flag, name] : {std::pair{"sse4_2", "SSE4.2"},
                                     {"avx2", "AVX2"},
                                     {"avx512f", "AVX-512"},
                                     {"asimd", "NEON"}})
        if (flags.contains(flag)) found += (found.empty() ? "" : ", ") + std::string(name);
    const auto count =
        parse_cpu_list(first_line(paths.at("sys/devices/system/cpu/online")).value_or("")).size();
    const auto text =
        std::to_string(count) + " online; " + (found.empty() ? "no vector instructions" : found);
    if (!flags.contains("sse4_2") && !flags.contains("asimd"))
        return {Level::fault, "cpu", text, "the DPDK gate needs SSE4.2; use the nftables gate"};
    if (count < 2) return {Level::warning, "cpu", text, "give the DPDK gate a second processor"};
    return {Level::ok, "cpu", text, {}};
}

Finding free_hugepages(const SysPaths& paths) {
    std::string text;
    std::uint64_t free = 0;
    const auto folder = paths.at("sys/kernel/mm/hugepages");
    for (const auto& size : names_in(folder)) {
        const auto pages = number_in(folder / size / "free_hugepages").value_or(0);
        free += pages;
        text += (text.empty() ? "" : ", ") + std::to_string(pages) + " free of " +
                size.substr(size.find('-') + 1);
    }
    if (free != 0) return {Level::ok, "hugepages", text, {}};
    return {Level::warning, "hugepages", text.empty() ? "the kernel has none" : text,
            "echo 128 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages, or a board with "
            "no_huge = true"};
}

std::vector<Finding> network_ports(const SysPaths& paths) {
    std::vector<Finding> findings;
    std::set<std::string> told;
    for (const auto& address : network_devices(paths)) {
        findings.push_back(pci_nic(address, paths));
        for (auto& name : PciDevice(paths, address).interfaces()) told.insert(std::move(name));
    }
    for (const auto& name : names_in(paths.at("sys/class/net"))) {
        const auto device = paths.at("sys/class/net") / name / "device";
        std::error_code error;
        if (told.contains(name) || !std::filesystem::exists(device, error)) continue;
        const auto driver = std::filesystem::read_symlink(device / "driver", error).filename();
        findings.push_back(
            nic(name, {name}, or_none(driver.string()) + ", not on PCI: through AF_XDP", paths));
    }
    if (findings.empty())
        findings.push_back({Level::warning, "nic", "no network device",
                            "virtual interfaces can still be driven through AF_XDP"});
    return findings;
}

} // namespace sweepgate::boards
