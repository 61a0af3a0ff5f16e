// SPDX-License-Identifier: Apache-2.0
// Choosing PMD and kernel driver for a port that somebody named.
#include <algorithm>

#include "boards/names.hpp"
#include "boards/pmds.hpp"
#include "boards/preflight.hpp"
#include "boards/sysfs.hpp"

namespace sweepgate::boards {

namespace {

/// The interface among `names` that holds a default route, or nothing.
std::optional<std::string> management_among(const std::vector<std::string>& names,
                                            const Board& board, const SysPaths& paths) {
    auto management = default_route_interfaces(paths);
    management.insert(management.end(), board.management.begin(), board.management.end());
    const auto found = std::ranges::find_first_of(names, management);
    if (found == names.end()) return std::nullopt;
    return *found;
}

tl::unexpected<Error> refuse_management(std::string_view device, const std::string& interface) {
    return fail(Errc::refused, std::string(device) + " carries the management interface " +
                                   interface + " (default route, or named in the board file)");
}

const Nic* find_nic(const Board& board, const std::string& id) {
    for (const auto& nic : board.nics)
        if (std::ranges::find(nic.ids, id) != nic.ids.end()) return &nic;
    return nullptr;
}

Result<std::string> pmd_of(const Board& board, const PciDevice& pci, const std::string& address) {
    const auto id = pci.id();
    if (const auto* const nic = find_nic(board, id)) return nic->pmd;
    if (const auto pmd = pmd_for_pci_id(id)) return std::string(*pmd);
    return fail(Errc::bad_input, address + ": no PMD of DPDK 22.11 claims PCI id " + id +
                                     "; name its kernel interface to use AF_XDP");
}

Result<Port> pci_port(const Board& board, const std::string& address, const SysPaths& paths) {
    const PciDevice pci(paths, address);
    if (!pci.exists()) return fail(Errc::not_found, "no PCI device " + address);
    if (const auto interface = management_among(pci.interfaces(), board, paths))
        return refuse_management(address, *interface);
    auto pmd = pmd_of(board, pci, address);
    if (!pmd) return tl::unexpected(pmd.error());
    auto bind = choose_bind(address, *pmd, paths);
    if (!bind) return tl::unexpected(bind.error());
    return Port{{}, address, std::move(*pmd), std::move(*bind), {}};
}

Result<Port> kernel_port(const Board& board, const std::string& interface, std::string_view pmd,
                         const SysPaths& paths) {
    const auto present = interfaces(paths);
    if (std::ranges::find(present, interface) == present.end())
        return fail(Errc::not_found, "no network interface " + interface);
    if (management_among({interface}, board, paths)) return refuse_management(interface, interface);
    return Port{{}, interface, std::string(pmd), "none", {}};
}

Result<Port> port_for(const Board& board, const std::string& device, std::string_view kernel_pmd,
                      const SysPaths& paths) {
    if (is_pci_address(device)) return pci_port(board, device, paths);
    if (is_interface_name(device)) return kernel_port(board, device, kernel_pmd, paths);
    return fail(Errc::bad_input, "'" + device +
                                     "' is neither a PCI address such as 0000:01:00.0 nor an "
                                     "interface name");
}

Status judge_list(std::span<const std::string> devices, std::string_view kernel_pmd) {
    const auto* const pmd = find_pmd(kernel_pmd);
    if (pmd == nullptr || pmd->attachment != Attachment::kernel)
        return fail(Errc::bad_input,
                    "'" + std::string(kernel_pmd) + "' is not a PMD for kernel interfaces");
    if (devices.empty() || devices.size() % 2 != 0)
        return fail(Errc::bad_input,
                    "ports come in pairs (inside, outside), got " + std::to_string(devices.size()));
    for (auto it = devices.begin(); it != devices.end(); ++it)
        if (std::find(devices.begin(), it, *it) != it)
            return fail(Errc::bad_input, "port '" + *it + "' is named twice");
    return {};
}

} // namespace

Result<std::string> choose_bind(std::string_view pci_address, std::string_view pmd,
                                const SysPaths& paths) {
    const std::string address(pci_address);
    const auto* const driver = find_pmd(pmd);
    if (driver == nullptr || driver->attachment != Attachment::pci)
        return fail(Errc::bad_input, "'" + std::string(pmd) + "' is not a PMD for PCI devices");
    const PciDevice pci(paths, pci_address);
    if (const auto interface = management_among(pci.interfaces(), {}, paths))
        return refuse_management(pci_address, *interface);
    if (is_bifurcated(*driver)) return "none";
    if (driver->vfio && pci.iommu_group()) return "vfio-pci";
    const auto refusal = [&](const std::string& why) {
        return fail(Errc::unavailable,
                    address + ": " + why + "; switch the IOMMU on (intel_iommu=on or " +
                        "amd_iommu=on), or name its kernel interface to use AF_XDP");
    };
    if (!driver->uio) return refusal("no IOMMU group, and " + std::string(pmd) + " needs vfio-pci");
    if (is_locked_down(paths)) return refusal("no IOMMU group, and kernel lockdown forbids uio");
    if (!pci.has_interrupt_pin()) return refusal("no usable IOMMU group and no INTx pin for uio");
    return "uio_pci_generic";
}

Result<Board> with_ports(Board board, std::span<const std::string> devices,
                         std::string_view kernel_pmd, const SysPaths& paths) {
    if (auto ok = judge_list(devices, kernel_pmd); !ok) return tl::unexpected(ok.error());
    std::vector<Port> ports;
    for (const auto& device : devices) {
        auto port = port_for(board, device, kernel_pmd, paths);
        if (!port) return tl::unexpected(port.error());
        const auto number = std::to_string(ports.size() / 2);
        port->name = (ports.size() % 2 == 0 ? "lan" : "wan") + number;
        ports.push_back(std::move(*port));
    }
    board.pairs.clear();
    for (std::size_t i = 0; i < ports.size(); i += 2)
        board.pairs.emplace_back(std::move(ports[i]), std::move(ports[i + 1]));
    return board;
}

} // namespace sweepgate::boards
