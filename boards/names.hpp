// SPDX-License-Identifier: Apache-2.0
// The spellings a board file may use. They end up in EAL arguments, where ',' and '=' separate,
// and in /sys paths, so each is an allow-list of characters.
#pragma once

#include <span>
#include <string_view>

#include "boards/pmds.hpp"

namespace sweepgate::boards {

/// "0000:01:00.0": full, lower-case, function 0..7.
[[nodiscard]] bool is_pci_address(std::string_view text);
/// A kernel interface name: 1..15 of letters, digits, '_', '.' and '-' (IFNAMSIZ is 16).
[[nodiscard]] bool is_interface_name(std::string_view text);
/// A port's or profile's name: 1..32 of lower-case letters, digits, '_', '.' and '-'.
[[nodiscard]] bool is_label(std::string_view text);
/// "8086:1533", lower-case.
[[nodiscard]] bool is_pci_id(std::string_view text);
/// "key=value,key=value", at most 256 characters, without `iface`, which the device gives.
[[nodiscard]] bool are_devargs(std::string_view text);
[[nodiscard]] std::span<const std::string_view> bind_drivers();
[[nodiscard]] bool is_bind_driver(std::string_view text);
/// Whether `device` is spelt as a device of that PMD.
[[nodiscard]] bool fits(const Pmd& pmd, std::string_view device);
/// Whether a port of that PMD can sit on that kernel driver.
[[nodiscard]] bool can_bind(const Pmd& pmd, std::string_view bind);

} // namespace sweepgate::boards
