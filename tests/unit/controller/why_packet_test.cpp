// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why_packet.hpp"

#include "controlplane/model/judge.hpp"
#include "tests/unit/controller/why_site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;
using nlohmann::json;
using sweepgate::test::address;

namespace {

Result<std::optional<PacketQuestion>> asked(const json& options) {
    return read_packet(
        *RequestOptions::read({"why", "", options.dump()}, {}, {"for", "port", "at"}));
}

constexpr CivilTimes kMorning{9 * 60, 9 * 60};

} // namespace

TEST_GROUP(WhyPacket) {
    Snapshot snapshot = test::site();

    json packets(const char* server, const json& options) const {
        return *packets_of(snapshot, address(server), *asked(options).value(), kMorning);
    }
    std::string text(const char* server, const json& options) const {
        return packets(server, options)[0]["text"];
    }
};

TEST(WhyPacket, TellsTheGroupAndItsAction) {
    STRCMP_EQUAL("from 192.0.2.7 (group guests) to 203.0.113.9, port 6667/tcp, now: reject (irc)",
                 text("203.0.113.9", {{"for", "192.0.2.7"}, {"port", "6667/tcp"}}).c_str());
    STRCMP_EQUAL("from a client of group everyone to 203.0.113.9, every port, at mon 09:00: drop "
                 "(irc)",
                 text("203.0.113.9", {{"at", "mon 09:00"}}).c_str());
}

TEST(WhyPacket, KnowsTheHour) {
    STRCMP_EQUAL(
        "from 192.0.2.7 (group guests) to 203.0.113.9, port 6667/tcp, at mon 12:30: pass; "
        "in force then: lunch",
        text("203.0.113.9", {{"for", "192.0.2.7"}, {"port", "6667/tcp"}, {"at", "mon 12:30"}})
            .c_str());
}

TEST(WhyPacket, KnowsThePortsOfASharedAddress) {
    const auto rows = packets("203.0.113.32", {{"for", "198.51.100.7"}});
    CHECK_EQUAL(2U, rows.size());
    STRCMP_CONTAINS("port 5222/tcp, now: drop (telegram)",
                    rows[0]["text"].get<std::string>().c_str());
    STRCMP_CONTAINS("any other port, now: pass", rows[1]["text"].get<std::string>().c_str());
    const auto both = packets("203.0.113.32", {{"port", "5222"}});
    STRCMP_EQUAL("drop", both[0]["action"].get<std::string>().c_str());
    STRCMP_EQUAL("pass", both[1]["action"].get<std::string>().c_str()); // UDP
}

TEST(WhyPacket, SaysWhatTheReferenceSays) {
    const auto row = packets("203.0.113.8", {{"for", "192.0.2.7"}, {"port", "80/tcp"}})[0];
    CHECK_TRUE(row["allowed"] == true);
    for (const auto* server : {"203.0.113.9", "203.0.113.32", "203.0.113.99", "198.18.70.1"})
        for (const auto port : std::vector<std::uint16_t>{80, 5222, 6667}) {
            const auto told =
                packets(server, {{"for", "192.0.2.7"}, {"port", std::to_string(port) + "/tcp"}})[0];
            const auto decided = judge(
                snapshot, Flow{address("192.0.2.7"), address(server), 6, Ports{40'000, port}});
            CHECK_TRUE(told["action"] == to_string(decided.action));
        }
}

TEST(WhyPacket, RefusesWhatIsNoPacket) {
    for (const auto& wrong :
         {json{{"for", "nobody"}}, json{{"port", "70000"}}, json{{"port", "53/icmp"}},
          json{{"port", "x/tcp"}}, json{{"port", "53/"}}, json{{"at", "noonish"}}})
        CHECK_FALSE(asked(wrong).has_value());
    CHECK_FALSE(asked(json::object()).value().has_value());
    const auto mixed = packets_of(snapshot, address("203.0.113.9"),
                                  {address("2001:db8::1"), {}, {}, {}}, kMorning);
    STRCMP_CONTAINS("two families", mixed.error().what.c_str());
}
