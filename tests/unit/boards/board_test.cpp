// SPDX-License-Identifier: Apache-2.0
#include "boards/board.hpp"

#include "tests/unit/boards/samples.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::boards;

namespace {

/// The good file with one line replaced, and what loading it says.
std::string fault_with(const std::string& line, const std::string& replacement) {
    const auto board = parse_board(replaced(kGoodBoard, line, replacement), "b.toml");
    return board ? "" : board.error().what;
}

} // namespace

TEST_GROUP(BoardFile){};

TEST(BoardFile, GivesEveryKeyOfAGoodFile) {
    const auto board = parse_board(kGoodBoard, "b.toml");
    CHECK_TRUE(board.has_value());
    STRCMP_EQUAL("two", board->id.c_str());
    CHECK_TRUE(board->on_failure == OnFailure::bypass);
    CHECK_TRUE((board->client_prefix == sweepgate::ClientPrefix{32, 128}));
    CHECK_EQUAL(3U, board->main_lcore);
    CHECK_TRUE((board->lcores == std::vector<unsigned>{1, 2}));
    CHECK_EQUAL(128U, board->hugepages);
    CHECK_EQUAL(200U, board->memory_mb);
    CHECK_EQUAL(2U, board->pairs.size());
    CHECK_TRUE((board->pairs[0].first == Port{"lan0", "0000:02:00.0", "net_igc", "vfio-pci", ""}));
    STRCMP_EQUAL("start_queue=0", board->pairs[1].second.arguments.c_str());
    STRCMP_EQUAL("eth0", board->management.at(0).c_str());
}

TEST(BoardFile, RefusesAnUnknownKey) {
    STRCMP_EQUAL("b.toml:9:1: unknown key 'lcors'",
                 fault_with("lcores = [1, 2]", "lcores = [1, 2]\nlcors = [1]").c_str());
}

TEST(BoardFile, RefusesAnLcoreOutOfRange) {
    STRCMP_EQUAL("b.toml:8:14: lcores: 128 is not within 0..127",
                 fault_with("lcores = [1, 2]", "lcores = [1, 128]").c_str());
}

TEST(BoardFile, RefusesAnLcoreNamedTwice) {
    STRCMP_EQUAL("b.toml:8:10: lcore 2 is named twice",
                 fault_with("lcores = [1, 2]", "lcores = [2, 2]").c_str());
}

TEST(BoardFile, RefusesTheMainLcoreForForwarding) {
    STRCMP_EQUAL("b.toml:8:10: lcore 3 is the main lcore too",
                 fault_with("lcores = [1, 2]", "lcores = [1, 3]").c_str());
}

TEST(BoardFile, RefusesABoardThatForwardsNowhere) {
    STRCMP_EQUAL("b.toml:8:10: 'lcores' must name at least one forwarding lcore",
                 fault_with("lcores = [1, 2]", "lcores = []").c_str());
}

TEST(BoardFile, RefusesADeviceInTwoPairs) {
    STRCMP_EQUAL(
        "b.toml:18:36: device '0000:02:00.0' is used by two ports",
        fault_with(
            R"(inside = { name = "lan1", device = "eth1", pmd = "net_af_xdp" })",
            R"(inside = { name = "lan1", device = "0000:02:00.0", pmd = "net_igc", bind = "vfio-pci" })")
            .c_str());
}

TEST(BoardFile, RefusesAPortNameUsedTwice) {
    STRCMP_EQUAL("b.toml:18:19: port name 'lan0' is used twice",
                 fault_with(R"(name = "lan1")", R"(name = "lan0")").c_str());
}

TEST(BoardFile, RefusesAnUnknownPmd) {
    STRCMP_EQUAL("b.toml:18:50: unknown PMD 'net_afxdp'; did you mean 'net_af_xdp'?",
                 fault_with(R"(device = "eth1", pmd = "net_af_xdp")",
                            R"(device = "eth1", pmd = "net_afxdp")")
                     .c_str());
}

TEST(BoardFile, RefusesAnUnknownBindDriver) {
    STRCMP_EQUAL("b.toml:15:76: unknown bind driver 'igb_uio'",
                 fault_with(R"(device = "0000:02:00.0", pmd = "net_igc", bind = "vfio-pci")",
                            R"(device = "0000:02:00.0", pmd = "net_igc", bind = "igb_uio")")
                     .c_str());
}

TEST(BoardFile, RefusesABindDriverThePmdCannotUse) {
    STRCMP_EQUAL("b.toml:15:77: net_mlx5 cannot be bound to 'vfio-pci'",
                 fault_with(R"(device = "0000:02:00.0", pmd = "net_igc")",
                            R"(device = "0000:02:00.0", pmd = "net_mlx5")")
                     .c_str());
}

TEST(BoardFile, RefusesAnInterfaceNameForAPciPmd) {
    STRCMP_EQUAL(
        "b.toml:15:36: 'eth5' is not a device of net_igc (a PCI address such as 0000:01:00.0)",
        fault_with(R"(device = "0000:02:00.0")", R"(device = "eth5")").c_str());
}

TEST(BoardFile, RefusesTheManagementPortAsDataPort) {
    STRCMP_EQUAL("b.toml:18:36: 'eth0' is a management interface and cannot be a data port",
                 fault_with(R"(device = "eth1")", R"(device = "eth0")").c_str());
}

TEST(BoardFile, RefusesDeviceArgumentsThatRedirectThePort) {
    STRCMP_EQUAL("b.toml:19:77: 'iface=eth0' is not key=value,... (iface is set by device)",
                 fault_with("start_queue=0", "iface=eth0").c_str());
}

TEST(BoardFile, RefusesNoHugepagesUnlessToldSo) {
    STRCMP_EQUAL("b.toml:11:13: hugepages = 0 needs no_huge = true",
                 fault_with("hugepages = 128", "hugepages = 0").c_str());
}

TEST(BoardFile, RefusesHugepagesTogetherWithNoHuge) {
    STRCMP_EQUAL("b.toml:11:13: hugepages = 128 contradicts no_huge = true",
                 fault_with("hugepages = 128", "hugepages = 128\nno_huge = true").c_str());
}

TEST(BoardFile, RefusesMoreMemoryThanTheHugepagesHold) {
    STRCMP_EQUAL("b.toml:12:13: memory_mb = 300 is more than the hugepages' 256",
                 fault_with("memory_mb = 200", "memory_mb = 300").c_str());
}

TEST(BoardFile, RefusesAPageSizeThatDoesNotExist) {
    STRCMP_EQUAL("b.toml:11:15: hugepage_kb = 4 is neither 2048 nor 1048576",
                 fault_with("hugepages = 128", "hugepage_kb = 4\nhugepages = 128").c_str());
}

TEST(BoardFile, RefusesAnUnknownFailureMode) {
    STRCMP_EQUAL("b.toml:4:14: 'open' is neither fail_closed nor bypass",
                 fault_with(R"(on_failure = "bypass")", R"(on_failure = "open")").c_str());
}

TEST(BoardFile, LeavesLinksOnExitAsItFails) {
    CHECK_FALSE(parse_board(kGoodBoard, "b.toml")->closes_on_exit);
    const auto closed = replaced(kGoodBoard, "\"bypass\"", "\"fail_closed\"");
    CHECK_TRUE(parse_board(closed, "b.toml")->closes_on_exit);
    const auto said = replaced(closed, "[cpu]", "on_exit = \"bypass\"\n[cpu]");
    CHECK_FALSE(parse_board(said, "b.toml")->closes_on_exit);
}

TEST(BoardFile, SaysWhatBecomesOfLinksAndMtu) {
    const auto plain = parse_board(kGoodBoard, "b.toml");
    CHECK_TRUE(plain->link_carry);
    CHECK_EQUAL(0U, plain->mtu);
    const auto said = parse_board(
        replaced(kGoodBoard, "[cpu]", "link_carry = false\nmtu = 9000\n[cpu]"), "b.toml");
    CHECK_FALSE(said->link_carry);
    CHECK_EQUAL(9000U, said->mtu);
}

TEST(BoardFile, SaysWhatBecomesOfBrokenAndRejectedPackets) {
    const auto plain = parse_board(kGoodBoard, "b.toml");
    CHECK_FALSE(plain->passes_malformed);
    CHECK_EQUAL(1000U, plain->rejects_per_second);
    const auto said = parse_board(
        replaced(kGoodBoard, "[cpu]", "malformed = \"pass\"\nrejects_per_second = 0\n[cpu]"),
        "b.toml");
    CHECK_TRUE(said->passes_malformed);
    CHECK_EQUAL(0U, said->rejects_per_second);
    STRCMP_EQUAL("b.toml:6:13: 'reject' is neither drop nor pass",
                 fault_with("\n[cpu]", "\nmalformed = \"reject\"\n[cpu]").c_str());
    STRCMP_EQUAL("b.toml:6:22: rejects_per_second = -1 is not within 0..1000000",
                 fault_with("\n[cpu]", "\nrejects_per_second = -1\n[cpu]").c_str());
}

TEST(BoardFile, RefusesAnUnknownExit) {
    STRCMP_EQUAL("b.toml:6:11: 'open' is neither closed nor bypass",
                 fault_with("\n[cpu]", "\non_exit = \"open\"\n[cpu]").c_str());
}

TEST(BoardFile, RefusesAnMtuThatCannotBe) {
    STRCMP_EQUAL("b.toml:6:7: mtu = 1279 is not within 1280..16000",
                 fault_with("\n[cpu]", "\nmtu = 1279\n[cpu]").c_str());
    STRCMP_EQUAL("b.toml:6:7: mtu = 16001 is not within 1280..16000",
                 fault_with("\n[cpu]", "\nmtu = 16001\n[cpu]").c_str());
}

TEST(BoardFile, RefusesAPairWithOneEnd) {
    STRCMP_EQUAL(
        "b.toml:17:1: a pair needs 'inside' and 'outside'",
        fault_with(R"(inside = { name = "lan1", device = "eth1", pmd = "net_af_xdp" })", "")
            .c_str());
}

TEST(BoardFile, NamesAFileThatIsNotThere) {
    const auto board = load_board("/nonexistent/board.toml");
    CHECK_FALSE(board.has_value());
    STRCMP_EQUAL("/nonexistent/board.toml: No such file or directory", board.error().what.c_str());
}

TEST(BoardFile, IsRefusedOrReadWhereverItIsCutOff) {
    for (std::size_t length = 0; length + 1 < kGoodBoard.size(); ++length) {
        const auto board = parse_board(kGoodBoard.substr(0, length), "b.toml");
        if (!board) STRNCMP_EQUAL("b.toml:", board.error().what.c_str(), 7);
    }
}
