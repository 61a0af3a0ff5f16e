// SPDX-License-Identifier: Apache-2.0
// The table of PCI ids against the PMD libraries installed, whose ELF carries them as JSON.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "boards/pmds.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

namespace {

using Json = nlohmann::json;

std::string contents(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<Json> metadata_in(const std::string& elf) {
    constexpr std::string_view kMark = "PMD_INFO_STRING= ";
    std::vector<Json> found;
    for (auto at = elf.find(kMark); at != std::string::npos; at = elf.find(kMark, at + 1))
        found.push_back(Json::parse(elf.c_str() + at + kMark.size()));
    return found;
}

/// Every PMD's metadata by our name of it.
std::map<std::string, Json> installed() {
    std::map<std::string, Json> by_name;
    for (const auto* library : {"e1000", "igc", "ixgbe", "i40e", "iavf", "ice", "virtio", "vmxnet3",
                                "mlx5", "axgbe", "atlantic", "enetc", "ena", "bnxt"}) {
        const auto path =
            std::filesystem::path(SWEEPGATE_PMDS) / ("librte_net_" + std::string(library) + ".so");
        for (auto& metadata : metadata_in(contents(path))) {
            const auto name = metadata.at("name").get<std::string>();
            by_name[name == "mlx5_eth" ? "net_mlx5" : name] = metadata;
        }
    }
    return by_name;
}

std::set<std::uint16_t> ids_of(const Json& metadata) {
    std::set<std::uint16_t> ids;
    for (const auto& row : metadata.at("pci_ids")) ids.insert(row.at(1).get<std::uint16_t>());
    return ids;
}

} // namespace

TEST_GROUP(PciClaims){};

TEST(PciClaims, AreThoseOfTheInstalledPmds) {
    const auto metadata = installed();
    for (const auto& claim : pci_claims()) {
        const auto found = metadata.find(std::string(claim.pmd));
        if (found == metadata.end()) FAIL(std::string(claim.pmd).c_str());
        CHECK_TRUE_TEXT(std::ranges::equal(claim.devices, ids_of(found->second)),
                        std::string(claim.pmd).c_str());
    }
}

TEST(PciClaims, NameTheKernelDriversThePmdsWorkOn) {
    for (const auto& [name, metadata] : installed()) {
        const auto* const pmd = find_pmd(name);
        if (pmd == nullptr || metadata.at("pci_ids").empty()) continue;
        const auto kmod = metadata.at("kmod").get<std::string>();
        CHECK_EQUAL_TEXT(kmod.find("vfio-pci") != std::string::npos, pmd->vfio, name.c_str());
        CHECK_EQUAL_TEXT(kmod.find("uio_pci_generic") != std::string::npos, pmd->uio, name.c_str());
    }
}

TEST(PciClaims, FindThePmdOfAnId) {
    STRCMP_EQUAL("net_e1000_igb", std::string(*pmd_for_pci_id("8086:1533")).c_str());
    STRCMP_EQUAL("net_igc", std::string(*pmd_for_pci_id("8086:125c")).c_str());
    CHECK_FALSE(pmd_for_pci_id("10ec:8168").has_value()); // Realtek: no PMD in 22.11
    CHECK_FALSE(pmd_for_pci_id("8086:1533x").has_value());
    CHECK_FALSE(pmd_for_pci_id("").has_value());
}
