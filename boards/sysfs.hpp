// SPDX-License-Identifier: Apache-2.0
// What the kernel says of PCI devices, interfaces, processors and pages, under a root prefix.
// Sources: kernel Documentation/ABI/testing/sysfs-bus-pci, admin-guide/mm/hugetlbpage,
// proc(5), PCI Local Bus 3.0 section 6.2.4 (interrupt pin).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "boards/preflight.hpp"

namespace sweepgate::boards {

/// The first line of a file without its line end; nothing when it cannot be read.
[[nodiscard]] std::optional<std::string> first_line(const std::filesystem::path& path);
/// A decimal number on the first line.
[[nodiscard]] std::optional<std::uint64_t> number_in(const std::filesystem::path& path);
/// Names in a directory, sorted; empty when it cannot be read.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& directory);
/// "0-2,5" as a set; an unreadable part ends the list. At most 4096 processors.
[[nodiscard]] std::set<unsigned> parse_cpu_list(std::string_view text);
/// /proc/meminfo's MemAvailable in kB.
[[nodiscard]] std::optional<std::uint64_t> memory_available_kb(const SysPaths& paths);

/// Of the network namespace this process is in: /proc/net/dev, not /sys, which shows the
/// namespace it was mounted in.
[[nodiscard]] std::vector<std::string> interfaces(const SysPaths& paths);

class PciDevice {
public:
    PciDevice(const SysPaths& paths, std::string_view address);

    [[nodiscard]] bool exists() const;
    [[nodiscard]] std::string id() const;     // "8086:1533"; empty when unreadable
    [[nodiscard]] std::string driver() const; // empty when none is bound
    [[nodiscard]] std::optional<std::string> iommu_group() const;
    /// The other devices of its IOMMU group with a driver that keeps vfio from using the group.
    [[nodiscard]] std::vector<std::string> group_obstacles() const;
    [[nodiscard]] bool has_interrupt_pin() const;
    [[nodiscard]] std::vector<std::string> interfaces() const; // kernel interfaces on it

private:
    const SysPaths& paths_;
    std::filesystem::path path_;
    std::string address_;
};

/// Kernel lockdown (Secure Boot): DPDK cannot write PCI configuration through uio then.
[[nodiscard]] bool is_locked_down(const SysPaths& paths);

} // namespace sweepgate::boards
