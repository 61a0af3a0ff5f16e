// SPDX-License-Identifier: Apache-2.0
#include "boards/names.hpp"

#include <algorithm>

namespace sweepgate::boards {

namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHex = "0123456789abcdef";

template <typename... Sets>
bool consists_of(std::string_view text, Sets... sets) {
    return std::ranges::all_of(text, [&](char c) {
        return ((std::string_view(sets).find(c) != std::string_view::npos) || ...);
    });
}

/// `shape` is matched character by character: 'h' is a hexadecimal digit, '7' one of 0..7.
bool has_shape(std::string_view text, std::string_view shape) {
    return std::ranges::equal(text, shape, [](char c, char wanted) {
        if (wanted == 'h') return kHex.find(c) != std::string_view::npos;
        if (wanted == '7') return c >= '0' && c <= '7';
        return c == wanted;
    });
}

bool is_devarg(std::string_view pair) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == pair.size()) return false;
    const auto key = pair.substr(0, equals);
    return key != "iface" && consists_of(key, kLower, kDigits, "_-") &&
           consists_of(pair.substr(equals + 1), kLower, kUpper, kDigits, "_.:/-");
}

} // namespace

bool is_pci_address(std::string_view text) { return has_shape(text, "hhhh:hh:hh.7"); }

bool is_interface_name(std::string_view text) {
    return !text.empty() && text.size() <= 15 && text != "." && text != ".." &&
           consists_of(text, kLower, kUpper, kDigits, "_.-");
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 32 && consists_of(text, kLower, kDigits, "_.-");
}

bool is_pci_id(std::string_view text) { return has_shape(text, "hhhh:hhhh"); }

bool are_devargs(std::string_view text) {
    if (text.size() > 256) return false;
    for (;;) {
        const auto comma = text.find(',');
        if (!is_devarg(text.substr(0, comma))) return false;
        if (comma == std::string_view::npos) return true;
        text.remove_prefix(comma + 1);
    }
}

std::span<const std::string_view> bind_drivers() {
    static constexpr std::array<std::string_view, 3> kDrivers{"vfio-pci", "uio_pci_generic",
                                                              "none"};
    return kDrivers;
}

bool is_bind_driver(std::string_view text) {
    return std::ranges::find(bind_drivers(), text) != bind_drivers().end();
}

bool fits(const Pmd& pmd, std::string_view device) {
    switch (pmd.attachment) {
    case Attachment::pci: return is_pci_address(device);
    case Attachment::kernel: return is_interface_name(device);
    case Attachment::software: return is_label(device);
    }
    return false;
}

bool can_bind(const Pmd& pmd, std::string_view bind) {
    if (pmd.attachment != Attachment::pci || is_bifurcated(pmd)) return bind == "none";
    return (bind == "vfio-pci" && pmd.vfio) || (bind == "uio_pci_generic" && pmd.uio);
}

} // namespace sweepgate::boards
