// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/top.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

Talker hits(std::uint32_t client, const char* system, std::uint16_t port, std::uint64_t packets) {
    return {host(ipv4(client)), system, 6, port, packets, 0};
}

wire::PeerState gate(const char* name, GateKind kind) {
    wire::PeerState state;
    state.gate = name;
    state.kind = kind;
    state.last_seen = std::chrono::system_clock::now() - std::chrono::seconds(22);
    return state;
}

std::string text(const nlohmann::json& value) { return value.get<std::string>(); }

} // namespace

TEST_GROUP(Top) {
    std::vector<System> systems{{"irc", "IRC", "irc", {{Transport::tcp, 6660, 6669}}, {}}};
    std::vector<wire::PeerState> gates{gate("lab/dpdk", GateKind::dpdk),
                                       gate("lab/nftables", GateKind::nftables)};
    TopAnswer dpdk{"lab/dpdk",
                   GateKind::dpdk,
                   60,
                   0,
                   {hits(1, "irc", 6667, 30), hits(1, "irc", 443, 20), hits(2, "irc", 80, 10)},
                   ""};
    TopAnswer nftables{"lab/nftables", GateKind::nftables, 0, 0, {}, "counts by system only"};

    void setup() override {
        gates[1].report = GateReport{};
        gates[1].report->systems = {{"irc", 7, 1, 0, 0, 0, {}}};
    }
    nlohmann::json told(const char* query, const char* only, std::vector<TopAnswer> answers) const {
        return top_json(*parse_top_request(query, only), std::move(answers), gates, systems);
    }
};

TEST(Top, ReadsAQuestion) {
    CHECK_TRUE(parse_top_request("gate 5 1", "").value().by_gate);
    CHECK_TRUE(parse_top_request("all", "evasion").value().only == PortClass::evasion);
    CHECK_FALSE(parse_top_request("gates", "").has_value());
    CHECK_FALSE(parse_top_request("client", "odd").has_value());
    CHECK_TRUE(question_of(*parse_top_request("client 5", "own")).by == TalkersBy::all);
}

TEST(Top, NamesAGateThatDidNotAnswer) {
    const auto top = told("client", "", {nftables});
    CHECK_TRUE(top["answered"] == 1);
    CHECK_TRUE(top["expected"] == 2);
    STRCMP_EQUAL("lab/dpdk", text(top["gates"][1]["gate"]).c_str());
    CHECK_TRUE(top["gates"][1]["answered"] == false);
    STRCMP_EQUAL("did not answer (last heard 22 s ago)", text(top["gates"][1]["error"]).c_str());
}

TEST(Top, CountsAGateThatNamesNobodyByItsReport) {
    CHECK_TRUE(told("client", "", {dpdk, nftables})["packets"] == 68);
    CHECK_TRUE(told("client 20 1", "", {dpdk, nftables})["packets"] == 60);
    const auto systems_told = told("system", "", {nftables});
    CHECK_TRUE(systems_told["talkers"][0]["packets"] == 8);
    STRCMP_EQUAL("", text(systems_told["gates"][0]["error"]).c_str());
    STRCMP_EQUAL("counts by system only",
                 text(told("client", "", {dpdk, nftables})["gates"][1]["error"]).c_str());
}

TEST(Top, TellsGatesApart) {
    const auto top = told("gate", "", {nftables, dpdk});
    STRCMP_EQUAL("gate", text(top["by"]).c_str());
    CHECK_TRUE(top["talkers"].empty());
    STRCMP_EQUAL("lab/dpdk", text(top["gates"][0]["gate"]).c_str());
    CHECK_TRUE(top["gates"][0]["packets"] == 60);
    CHECK_TRUE(top["gates"][1]["packets"] == 8);
    STRCMP_EQUAL("", text(top["gates"][1]["error"]).c_str());
}

TEST(Top, PutsOneClassOfPortTogether) {
    const auto evasion = told("client", "evasion", {dpdk});
    CHECK_TRUE(evasion["packets"] == 30);
    STRCMP_EQUAL("0.0.0.1", text(evasion["talkers"][0]["client"]).c_str());
    CHECK_TRUE(evasion["talkers"][0]["packets"] == 20);
    CHECK_TRUE(evasion["talkers"][1]["packets"] == 10);
    CHECK_TRUE(evasion["hidden"] == 0);
    dpdk.packets = 99; // 39 in rows that it does not name
    CHECK_TRUE(told("client", "own", {dpdk})["hidden"] == 39);
}

TEST(Top, SaysHowManyOfTheRestAreEquals) {
    dpdk.talkers = {hits(1, "irc", 1, 9), hits(2, "irc", 1, 5), hits(3, "irc", 1, 5),
                    hits(4, "irc", 1, 5), hits(5, "irc", 1, 2)};
    const auto top = told("all 2", "", {dpdk});
    CHECK_EQUAL(2U, top["talkers"].size());
    CHECK_TRUE(top["left_out"] == 3);
    CHECK_TRUE(top["ties"] == 2);
}
