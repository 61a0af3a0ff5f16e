// SPDX-License-Identifier: Apache-2.0
// Is this machine ready for this board? Reads /sys and /proc only; changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "boards/board.hpp"

namespace sweepgate::boards {

/// Where sys/ and proc/ are found; a test gives a tree it made up.
struct SysPaths {
    std::filesystem::path root = "/";

    [[nodiscard]] std::filesystem::path at(std::string_view relative) const {
        return root / relative;
    }
};

enum class Level : std::uint8_t { ok, warning, fault };

[[nodiscard]] std::string_view to_string(Level level);

struct Finding {
    Level level = Level::ok;
    std::string subject; // "hugepages", "port lan0", "lcores"
    std::string text;    // what was found
    std::string remedy;  // what to do about it; empty when ok

    friend bool operator==(const Finding&, const Finding&) = default;
};

/// One finding a subject, in the order in which a gate start would trip over them. A gate must
/// not start while any is a fault.
[[nodiscard]] std::vector<Finding> preflight(const Board& board, const SysPaths& paths = {});

/// Which kernel driver a PCI port can be bound to, best first: none for a bifurcated PMD,
/// vfio-pci when the device is in an IOMMU group, uio_pci_generic when it has an INTx pin and the
/// PMD is not for virtual functions. Debian 12 kernels have no no-IOMMU vfio. Errors: unavailable,
/// with the reason, when only AF_XDP on the kernel's own driver is left; refused for a management
/// port (an interface of the device holds a default route).
[[nodiscard]] Result<std::string> choose_bind(std::string_view pci_address, std::string_view pmd,
                                              const SysPaths& paths = {});

/// The board with its pairs replaced by the given devices, taken two by two (inside, outside).
/// A PCI address gets the PMD of its id (the board's [[nic]] entries first) and the bind of
/// choose_bind(); a kernel interface gets `kernel_pmd` (net_af_xdp or net_af_packet). Errors:
/// bad_input for an odd count, a device named twice or a PCI id that no PMD claims; not_found for
/// a device that is not there; refused for a management port; those of choose_bind().
[[nodiscard]] Result<Board> with_ports(Board board, std::span<const std::string> devices,
                                       std::string_view kernel_pmd = "net_af_xdp",
                                       const SysPaths& paths = {});

/// The kernel interfaces that hold a default route, IPv4 or IPv6: the way to the management.
[[nodiscard]] std::vector<std::string> default_route_interfaces(const SysPaths& paths = {});

} // namespace sweepgate::boards
