// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/who.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

Talker client(std::uint32_t address, std::uint64_t packets, std::uint64_t error = 0) {
    return {host(ipv4(address)), "", 0, {}, packets, error};
}

TopAnswer answer(std::uint64_t floor, std::vector<Talker> talkers) {
    TopAnswer made{"box/dpdk", GateKind::dpdk, 0, floor, std::move(talkers), ""};
    for (const auto& talker : made.talkers) made.packets += talker.packets;
    return made;
}

} // namespace

TEST_GROUP(Who){};

TEST(Who, ReadsAQuestion) {
    CHECK_TRUE(parse_top_query("").value() == (TopQuery{TalkersBy::client, 20, 0}));
    CHECK_TRUE(parse_top_query("all 1000 5").value() == (TopQuery{TalkersBy::all, 1000, 5}));
    CHECK_TRUE(parse_top_query(" port  7 ").value() == (TopQuery{TalkersBy::port, 7, 0}));
    for (const auto* text : {"colour", "client 0", "client 1001", "client x", "client 5 6",
                             "client 5 5 5", "client -1", "client 99999999999"})
        CHECK_FALSE(parse_top_query(text).has_value());
    STRCMP_CONTAINS("'colour'", parse_top_query("colour").error().what.c_str());
}

TEST(Who, AddsUpWhatGatesSayWithinItsError) {
    // Truly: 1 has 10 + 5, 2 has 8 + 0, 3 has 0 + 6. The second gate may have missed 4 of anybody.
    const auto sum = merged(
        {answer(0, {client(1, 10), client(2, 8)}), answer(4, {client(3, 6), client(1, 5)})}, 10);
    CHECK_EQUAL(3U, sum.talkers.size());
    CHECK_EQUAL(29U, sum.packets);
    CHECK_EQUAL(4U, sum.floor);
    CHECK_TRUE(sum.talkers[0] == client(1, 15));
    CHECK_TRUE(sum.talkers[1] == client(2, 12, 4));
    CHECK_TRUE(sum.talkers[2] == client(3, 6));
    const auto one = merged({answer(0, {client(1, 10), client(2, 8)})}, 1);
    CHECK_EQUAL(1U, one.talkers.size());
    CHECK_EQUAL(8U, one.floor);
    CHECK_EQUAL(0U, merged({}, 5).talkers.size());
}

TEST(Who, TellsAGateThatNamesNobody) {
    TopAnswer silent{"box/nftables", GateKind::nftables, 0, 0, {}, "counts by system only"};
    const auto object = to_json({TalkersBy::client, 5, 0}, {answer(0, {client(1, 4)}), silent});
    STRCMP_EQUAL("0.0.0.1", object["talkers"][0]["client"].get<std::string>().c_str());
    CHECK_TRUE(object["talkers"][0]["share"] == 1.0);
    STRCMP_EQUAL("counts by system only", object["gates"][1]["error"].get<std::string>().c_str());
    CHECK_FALSE(object["talkers"][0].contains("port"));
}

TEST(Who, KeepsTheNewestEvents) {
    EventLog log;
    HitEvents events{"box/dpdk", GateKind::dpdk, 3, {}};
    for (std::uint64_t i = 0; i < 1500; ++i)
        events.events.push_back({i, host(ipv4(1)), "irc", 6, 443, PortClass::evasion});
    log.add(events);
    log.add(events);
    CHECK_EQUAL(6U, log.suppressed());
    CHECK_EQUAL(kKeptEvents, log.newest(5000).size());
    const auto newest = log.newest(2);
    CHECK_EQUAL(1499U, newest[0].event.time_ms);
    const auto object = to_json(newest[0]);
    STRCMP_EQUAL("1970-01-01T00:00:01.499Z", object["time"].get<std::string>().c_str());
    STRCMP_EQUAL("evasion", object["class"].get<std::string>().c_str());
}
