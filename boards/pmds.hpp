// SPDX-License-Identifier: Apache-2.0
// The DPDK drivers a board file may name and what each asks of the kernel. PCI ids and kernel
// drivers are those in the ELF metadata of the PMD libraries of Debian 12's DPDK 22.11.11
// (dpdk-pmdinfo); tests/unit/boards compares them with the libraries installed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sweepgate::boards {

enum class Attachment : std::uint8_t {
    pci,      // the device is a PCI address
    kernel,   // the device is a kernel interface; its kernel driver stays
    software, // net_null, net_pcap: no device at all
};

struct Pmd {
    std::string_view name;
    Attachment attachment;
    bool vfio; // works on vfio-pci
    bool uio;  // works on uio_pci_generic; a PCI PMD with neither stays on its kernel driver
};

[[nodiscard]] std::span<const Pmd> pmds();
/// Null when no PMD has that name.
[[nodiscard]] const Pmd* find_pmd(std::string_view name);
/// A PCI PMD that shares the device with the kernel driver (mlx5): nothing is bound.
[[nodiscard]] constexpr bool is_bifurcated(const Pmd& pmd) {
    return pmd.attachment == Attachment::pci && !pmd.vfio && !pmd.uio;
}

/// The ids one PMD claims.
struct PciClaim {
    std::string_view pmd;
    std::uint16_t vendor;
    std::span<const std::uint16_t> devices; // sorted
};

/// Without the Cavium/Marvell ones, which several PMDs claim by subsystem id: name those.
[[nodiscard]] std::span<const PciClaim> pci_claims();

/// The PMD for a PCI id "8086:1533"; nothing when no PMD above claims it.
[[nodiscard]] std::optional<std::string_view> pmd_for_pci_id(std::string_view id);

} // namespace sweepgate::boards
