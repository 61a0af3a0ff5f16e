// SPDX-License-Identifier: Apache-2.0
// The board files that ship.
#include <filesystem>

#include "boards/board.hpp"
#include "boards/pmds.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

namespace {

std::vector<std::filesystem::path> shipped() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SWEEPGATE_BOARDS))
        if (entry.path().extension() == ".toml") files.push_back(entry.path());
    return files;
}

} // namespace

TEST_GROUP(ShippedBoard){};

TEST(ShippedBoard, LoadsAndIsNamedLikeItsFile) {
    CHECK_TRUE(shipped().size() >= 2);
    for (const auto& file : shipped()) {
        const auto board = load_board(file);
        STRCMP_EQUAL("", board ? "" : board.error().what.c_str());
        STRCMP_EQUAL(file.stem().c_str(), board->id.c_str());
    }
}

TEST(ShippedBoard, NamesOnlyPciIdsThatItsPmdDrives) {
    for (const auto& file : shipped()) {
        const auto board = load_board(file);
        for (const auto& nic : board->nics)
            for (const auto& id : nic.ids)
                STRCMP_EQUAL(nic.pmd.c_str(), std::string(pmd_for_pci_id(id).value_or("")).c_str());
    }
}

TEST(ShippedBoard, OfTheLabDrivesLanAndWanWithoutHugepages) {
    const auto board = load_board(std::filesystem::path(SWEEPGATE_BOARDS) / "lab.toml");
    CHECK_TRUE(board->no_huge);
    STRCMP_EQUAL("lan0", board->pairs.at(0).first.device.c_str());
    STRCMP_EQUAL("wan0", board->pairs.at(0).second.device.c_str());
    STRCMP_EQUAL("net_af_xdp1,iface=wan0", port_devices(*board).at(0).second.c_str());
}

TEST(ShippedBoard, OfAnyX86MachineTakesNoPortByItself) {
    const auto board = load_board(std::filesystem::path(SWEEPGATE_BOARDS) / "generic-x86.toml");
    CHECK_TRUE(board->pairs.empty());
}
