// SPDX-License-Identifier: Apache-2.0
// The DPDK drivers a board file may name and what each asks of the kernel. PCI ids are those in
// the ELF metadata of the PMD libraries of Debian 12's DPDK 22.11.11 (dpdk-pmdinfo).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sweepgate::boards {

enum class Attachment : std::uint8_t {
    pci,    // the device is a PCI address and is taken from the kernel (or shared: bifurcated)
    kernel, // the device is a kernel interface; its kernel driver stays
    none,   // software only: net_null, net_pcap
};

struct Pmd {
    std::string_view name;
    Attachment attachment;
    bool bifurcated;       // stays on its kernel driver: bind = "none"
    bool virtual_function; // its metadata accepts vfio-pci only, of the drivers Debian ships
};

[[nodiscard]] std::span<const Pmd> pmds();
[[nodiscard]] const Pmd* find_pmd(std::string_view name);

/// The PMD for a PCI id "8086:1533"; nothing when no PMD of DPDK 22.11 claims it.
[[nodiscard]] std::optional<std::string_view> pmd_for_pci_id(std::string_view id);

} // namespace sweepgate::boards
