// SPDX-License-Identifier: Apache-2.0
#include "boards/pmds.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sweepgate::boards {

namespace {

constexpr std::array kPmds{
    Pmd{"net_af_packet", Attachment::kernel, false, false},
    Pmd{"net_af_xdp", Attachment::kernel, false, false},
    Pmd{"net_atlantic", Attachment::pci, false, true},
    Pmd{"net_axgbe", Attachment::pci, true, true},
    Pmd{"net_bnxt", Attachment::pci, true, true},
    Pmd{"net_cn10k", Attachment::pci, true, false},
    Pmd{"net_cn9k", Attachment::pci, true, false},
    Pmd{"net_e1000_em", Attachment::pci, true, true},
    Pmd{"net_e1000_igb", Attachment::pci, true, true},
    Pmd{"net_e1000_igb_vf", Attachment::pci, true, false},
    Pmd{"net_ena", Attachment::pci, true, true},
    Pmd{"net_enetc", Attachment::pci, true, false},
    Pmd{"net_i40e", Attachment::pci, true, true},
    Pmd{"net_iavf", Attachment::pci, true, false},
    Pmd{"net_ice", Attachment::pci, true, true},
    Pmd{"net_igc", Attachment::pci, true, true},
    Pmd{"net_ixgbe", Attachment::pci, true, true},
    Pmd{"net_ixgbe_vf", Attachment::pci, true, false},
    Pmd{"net_mlx5", Attachment::pci, false, false},
    Pmd{"net_null", Attachment::software, false, false},
    Pmd{"net_pcap", Attachment::software, false, false},
    Pmd{"net_thunderx", Attachment::pci, true, true},
    Pmd{"net_virtio", Attachment::pci, true, true},
    Pmd{"net_vmxnet3", Attachment::pci, true, true},
};

std::optional<std::uint16_t> hex16(std::string_view text) {
    std::uint16_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
    if (text.size() != 4 || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

} // namespace

std::span<const Pmd> pmds() { return kPmds; }

const Pmd* find_pmd(std::string_view name) {
    const auto* const found = std::ranges::find(kPmds, name, &Pmd::name);
    return found == kPmds.end() ? nullptr : found;
}

std::optional<std::string_view> pmd_for_pci_id(std::string_view id) {
    if (id.size() != 9 || id[4] != ':') return std::nullopt;
    const auto vendor = hex16(id.substr(0, 4));
    const auto device = hex16(id.substr(5));
    if (!vendor || !device) return std::nullopt;
    for (const auto& claim : pci_claims())
        if (claim.vendor == *vendor && std::ranges::binary_search(claim.devices, *device))
            return claim.pmd;
    return std::nullopt;
}

} // namespace sweepgate::boards
