// SPDX-License-Identifier: Apache-2.0
#include "boards/preflight.hpp"

#include <algorithm>

#include "boards/pmds.hpp"
#include "boards/sysfs.hpp"

namespace sweepgate::boards {

namespace {

Finding good(std::string subject, std::string text) {
    return {Level::ok, std::move(subject), std::move(text), {}};
}

Finding fault(std::string subject, std::string text, std::string remedy) {
    return {Level::fault, std::move(subject), std::move(text), std::move(remedy)};
}

std::string joined(const auto& items) {
    std::string text;
    for (const auto& item : items) {
        if (!text.empty()) text += ", ";
        if constexpr (requires { std::to_string(item); })
            text += std::to_string(item);
        else
            text += item;
    }
    return text;
}

Finding ordinary_memory(const Board& board, const SysPaths& paths) {
    const auto wanted = std::to_string(board.memory_mb) + " MB";
    const auto available_kb = memory_available_kb(paths);
    if (!available_kb || *available_kb / 1024 >= board.memory_mb)
        return good("memory", wanted + " of ordinary pages (no_huge)");
    return fault("memory", wanted + " wanted, " + std::to_string(*available_kb / 1024) + " MB free",
                 "lower memory_mb or free memory");
}

Finding hugepages(const Board& board, const SysPaths& paths) {
    if (board.no_huge) return ordinary_memory(board, paths);
    const auto size = std::to_string(board.hugepage_kb) + " kB";
    const auto folder =
        "sys/kernel/mm/hugepages/hugepages-" + std::to_string(board.hugepage_kb) + "kB";
    const auto free = number_in(paths.at(folder) / "free_hugepages");
    if (!free)
        return fault("hugepages", "the kernel has no hugepages of " + size,
                     "boot with default_hugepagesz and hugepages=, or set no_huge = true");
    const auto text = std::to_string(*free) + " of " + std::to_string(board.hugepages) +
                      " pages of " + size + " free";
    if (*free >= board.hugepages) return good("hugepages", text);
    return fault("hugepages", text,
                 "echo " + std::to_string(board.hugepages) + " > /" + folder +
                     "/nr_hugepages, or hugepages= on the kernel command line");
}

std::vector<unsigned> lcores_outside(const Board& board, const std::set<unsigned>& processors,
                                     bool with_main) {
    std::vector<unsigned> outside;
    if (with_main && !processors.contains(board.main_lcore)) outside.push_back(board.main_lcore);
    for (const auto lcore : board.lcores)
        if (!processors.contains(lcore)) outside.push_back(lcore);
    return outside;
}

Finding lcores(const Board& board, const SysPaths& paths) {
    const auto online =
        parse_cpu_list(first_line(paths.at("sys/devices/system/cpu/online")).value_or(""));
    if (const auto missing = lcores_outside(board, online, true); !missing.empty())
        return fault("lcores", "processor " + joined(missing) + " is not online",
                     "name processors of this machine in [cpu]: " + joined(online));
    const auto isolated =
        parse_cpu_list(first_line(paths.at("sys/devices/system/cpu/isolated")).value_or(""));
    if (const auto shared = lcores_outside(board, isolated, false); !shared.empty())
        return {Level::warning, "lcores",
                "forwarding lcore " + joined(shared) + " also runs other work",
                "isolcpus=" + joined(board.lcores) + " on the kernel command line"};
    return good("lcores", "forwarding on isolated " + joined(board.lcores));
}

std::string bind_commands(const Port& port) {
    const auto folder = "/sys/bus/pci/devices/" + port.device;
    return "modprobe " + port.bind + "; echo " + port.bind + " > " + folder +
           "/driver_override; echo " + port.device + " > " + folder + "/driver/unbind; echo " +
           port.device + " > /sys/bus/pci/drivers_probe";
}

/// Whether the wanted kernel driver can work at all on this machine.
std::optional<Finding> bind_obstacle(const std::string& subject, const Port& port,
                                     const PciDevice& pci, const SysPaths& paths) {
    if (port.bind == "vfio-pci" && !pci.iommu_group()) {
        const auto choice = choose_bind(port.device, port.pmd, paths);
        return fault(subject, port.device + " is in no IOMMU group, vfio-pci cannot take it",
                     choice ? "bind = \"" + *choice + "\", or intel_iommu=on / amd_iommu=on"
                            : choice.error().what);
    }
    if (const auto others = pci.group_obstacles(); port.bind == "vfio-pci" && !others.empty())
        return fault(subject, "its IOMMU group also holds " + joined(others),
                     "unbind these from their drivers, or use another slot");
    if (port.bind == "uio_pci_generic" && is_locked_down(paths))
        return fault(subject, "kernel lockdown keeps DPDK from using uio_pci_generic",
                     "switch the IOMMU on and use vfio-pci");
    return std::nullopt;
}

/// The board's PMD against the id the device has.
std::optional<Finding> pmd_obstacle(const std::string& subject, const Port& port,
                                    const PciDevice& pci) {
    const auto claimed = pmd_for_pci_id(pci.id());
    const bool listed = std::ranges::any_of(
        pci_claims(), [&](const PciClaim& claim) { return claim.pmd == port.pmd; });
    if (!listed || claimed == port.pmd) return std::nullopt;
    return fault(subject,
                 port.device + " is " + pci.id() + ", which " + port.pmd + " does not drive",
                 claimed ? "pmd = \"" + std::string(*claimed) + "\"" : "name another device");
}

Finding pci_port(const std::string& subject, const Port& port, const SysPaths& paths) {
    const PciDevice pci(paths, port.device);
    if (!pci.exists())
        return fault(subject, "no PCI device " + port.device, "see lspci -D for the addresses");
    const auto management = default_route_interfaces(paths);
    for (const auto& interface : pci.interfaces())
        if (std::ranges::find(management, interface) != management.end())
            return fault(subject, port.device + " carries the default route (" + interface + ")",
                         "name another device: this one is the management port");
    if (auto obstacle = pmd_obstacle(subject, port, pci)) return *obstacle;
    if (auto obstacle = bind_obstacle(subject, port, pci, paths)) return *obstacle;
    const auto driver = pci.driver();
    if (port.bind != "none" && driver != port.bind)
        return fault(subject,
                     port.device + " is bound to " + (driver.empty() ? "no driver" : driver) +
                         ", not to " + port.bind,
                     bind_commands(port));
    return good(subject, port.device + " (" + pci.id() + ") on " +
                             (driver.empty() ? "no driver" : driver) + " for " + port.pmd);
}

Finding kernel_port(const std::string& subject, const Port& port, const SysPaths& paths) {
    const auto present = interfaces(paths);
    if (std::ranges::find(present, port.device) == present.end())
        return fault(subject, "no network interface " + port.device,
                     "interfaces here: " + joined(present));
    const auto management = default_route_interfaces(paths);
    if (std::ranges::find(management, port.device) != management.end())
        return fault(subject, port.device + " carries the default route",
                     "name another interface: this one is the management port");
    return good(subject, port.device + " through " + port.pmd);
}

Finding examine(const Port& port, const SysPaths& paths) {
    const auto subject = "port " + port.name;
    const auto* const pmd = find_pmd(port.pmd);
    if (pmd == nullptr) return fault(subject, "unknown PMD " + port.pmd, "see boards/pmds.cpp");
    switch (pmd->attachment) {
    case Attachment::pci: return pci_port(subject, port, paths);
    case Attachment::kernel: return kernel_port(subject, port, paths);
    case Attachment::software: break;
    }
    return good(subject, port.pmd + ", in software");
}

} // namespace

std::string_view to_string(Level level) {
    switch (level) {
    case Level::ok: return "ok";
    case Level::warning: return "warning";
    case Level::fault: return "fault";
    }
    return "unknown";
}

std::vector<Finding> preflight(const Board& board, const SysPaths& paths) {
    std::vector<Finding> findings{hugepages(board, paths), lcores(board, paths)};
    if (board.pairs.empty())
        findings.push_back(fault("ports", "board " + board.id + " names no port pair",
                                 "add a [[pair]] to the board file or name the ports"));
    for (const auto& [inside, outside] : board.pairs) {
        findings.push_back(examine(inside, paths));
        findings.push_back(examine(outside, paths));
    }
    return findings;
}

} // namespace sweepgate::boards
