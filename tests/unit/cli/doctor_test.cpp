// SPDX-License-Identifier: Apache-2.0
// On a machine of the test's own making. The kernel's nftables, AF_XDP and clock are the real ones,
// so these tests look at single findings and not at the exit code of a healthy machine.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "controlplane/cli/doctor_command.hpp"
#include "tests/unit/boards/made_up_machine.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;
namespace fs = std::filesystem;

namespace {

// Software ports: nothing of the machine is needed but memory and two processors.
const std::string kBoard = R"(id = "soft"
name = "Software ports"
[cpu]
main_lcore = 0
lcores = [1]
[memory]
no_huge = true
memory_mb = 128
[[pair]]
inside = { name = "in", device = "in", pmd = "net_null" }
outside = { name = "out", device = "out", pmd = "net_null" }
)";

} // namespace

TEST_GROUP(Doctor) {
    MadeUpMachine machine;
    DoctorCommand command;
    std::ostringstream out, err;

    void setup() override {
        command.paths = machine.paths();
        command.json = true;
        // Refused before a question is sent: no test here needs a network.
        command.servers = {"not a resolver"};
        command.keys = in("keys").string();
        command.state = in("state").string();
        fs::create_directories(command.keys);
        fs::create_directories(command.state);
        key("signing.key", 0600);
        key("controller.curve", 0600);
    }

    fs::path in(const std::string& name) { return machine.paths().at(name); }

    void key(const std::string& name, int mode) {
        const auto file = fs::path(command.keys) / name;
        std::ofstream(file) << "secret\n";
        fs::permissions(file, fs::perms(mode));
    }

    nlohmann::json examined() {
        out.str("");
        code = run_doctor(command, out, err);
        return nlohmann::json::parse(out.str());
    }

    /// "level: text" of one subject; empty when the doctor does not mention it.
    std::string found(const std::string& subject) {
        const auto report = examined();
        for (const auto& finding : report.at("findings"))
            if (finding.at("subject") == subject)
                return finding.at("level").get<std::string>() + ": " +
                       finding.at("text").get<std::string>();
        return {};
    }

    std::string name_board(const std::string& text) {
        machine.write("board.toml", text);
        command.board = in("board.toml").string();
        return command.board;
    }

    int code = -1;
};

TEST(Doctor, CallsKeysWellThatOnlyTheirOwnerReads) {
    STRCMP_CONTAINS("ok: ", found("key signing.key").c_str());
    STRCMP_CONTAINS("closed to others", found("key controller.curve").c_str());
}

TEST(Doctor, CallsAKeyThatOthersReadAFault) {
    key("signing.key", 0640);
    STRCMP_CONTAINS("fault: ", found("key signing.key").c_str());
    STRCMP_CONTAINS("open to group or others", found("key signing.key").c_str());
    LONGS_EQUAL(kDoctorFaults, code);
}

TEST(Doctor, WarnsOfAKeyThatIsNotThereAndSaysHowToMakeIt) {
    fs::remove(fs::path(command.keys) / "signing.key");
    STRCMP_CONTAINS("warning: ", found("key signing.key").c_str());
    STRCMP_CONTAINS("sweepgate keys new", out.str().c_str());
}

TEST(Doctor, LooksForTheDiskOfAStateFolderThatIsNotThereYet) {
    STRCMP_EQUAL(("ok: " + command.state).c_str(), found("state").c_str());
    command.state = in("state/not/yet").string();
    STRCMP_CONTAINS("warning: ", found("state").c_str());
    STRCMP_CONTAINS(in("state").c_str(), found("disk").c_str());
}

TEST(Doctor, CallsAResolverThatCannotBeAskedAFault) {
    STRCMP_CONTAINS("fault: ", found("dns not a resolver").c_str());
    LONGS_EQUAL(kDoctorFaults, code);
}

TEST(Doctor, CountsHugepagesOnlyWithoutABoard) {
    STRCMP_CONTAINS("ok: ", found("hugepages").c_str());
    STRCMP_CONTAINS("256", found("hugepages").c_str());
    name_board(kBoard);
    STRCMP_EQUAL("", found("hugepages").c_str());
}

TEST(Doctor, JudgesThePortsThatTheBoardNames) {
    auto text = kBoard;
    name_board(text.replace(text.find("net_null"), 8, "net_af_xdp"));
    STRCMP_CONTAINS("fault: ", found("port in").c_str());
    STRCMP_CONTAINS("ok: ", found("port out").c_str());
}

TEST(Doctor, RefusesABoardFileWithItsLineAndExaminesNothing) {
    const auto file = name_board("\n\nwrong = 1\n" + kBoard);
    LONGS_EQUAL(kDoctorUsage, run_doctor(command, out, err));
    STRCMP_CONTAINS(file.c_str(), err.str().c_str());
    STRCMP_CONTAINS(":3:1: unknown key 'wrong'", err.str().c_str());
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(Doctor, RefusesAnOddNumberOfPorts) {
    command.ports = {"eth1"};
    LONGS_EQUAL(kDoctorUsage, run_doctor(command, out, err));
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(Doctor, RefusesAPortThatHoldsTheDefaultRoute) {
    command.ports = {"eth0", "eth1"};
    LONGS_EQUAL(kDoctorUsage, run_doctor(command, out, err));
    STRCMP_CONTAINS("eth0", err.str().c_str());
}

TEST(Doctor, RefusesAProbeThatIsNoName) {
    command.probe = "two words";
    LONGS_EQUAL(kDoctorUsage, run_doctor(command, out, err));
    STRCMP_CONTAINS("two words", err.str().c_str());
}

TEST(Doctor, SaysTheWorstOfItsFindingsFirst) {
    key("signing.key", 0666);
    STRCMP_EQUAL("fault", examined().at("worst").get<std::string>().c_str());
}

TEST(Doctor, PutsTheRemedyBelowTheFindingInTheTable) {
    key("signing.key", 0644);
    command.json = false;
    code = run_doctor(command, out, err);
    const auto table = out.str();
    const auto finding = table.find("key signing.key");
    CHECK_TRUE(finding != std::string::npos);
    CHECK_TRUE(table.find("-> chmod 0600", finding) != std::string::npos);
    LONGS_EQUAL(kDoctorFaults, code);
}
