// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/render.hpp"

#include <nlohmann/json.hpp>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::replay;
using nlohmann::json;

TEST_GROUP(RenderedReplay) {
    const std::vector<System> systems{{"aim", "AIM", "im", {}, {}}, {"irc", "IRC", "irc", {}, {}}};
    const Subject subject{"in.pcap", 7, {}};
    Outcome outcome;

    void hit(std::uint32_t client, SystemIndex system, std::optional<std::uint16_t> port) {
        const Record record{{nullptr, 60, 60}, 1'700'000'000'000'000'001, 60};
        outcome.all.add(record);
        outcome.verdicts[static_cast<std::size_t>(filter::Verdict::drop)].add(record);
        outcome.hits.add({ipv4(client), system, filter::Verdict::drop,
                          port ? filter::PortClass::evasion : filter::PortClass::none, 6, port},
                         record);
    }
    bool says(const std::string& text) {
        return to_text(subject, outcome, systems, 20).find(text) != std::string::npos;
    }
};

TEST(RenderedReplay, SaysWhoWasHitByWhat) {
    hit(0xC0000201, 0, 443);
    hit(0xC0000201, 0, 443);
    hit(0xC0000202, 1, {});
    CHECK_TRUE(says("in.pcap: 3 packets, 180 bytes, judged by generation 7 (000000000000)\n"));
    CHECK_TRUE(says("2 clients would have been hit"));
    CHECK_TRUE(
        says("  192.0.2.1  aim     drop          evasion  443/tcp              2           120\n"));
    CHECK_TRUE(
        says("  192.0.2.2  irc     drop          none     tcp                  1            60\n"));
}

TEST(RenderedReplay, SaysThatNobodyWasHit) { CHECK_TRUE(says("Nobody would have been hit.")); }

TEST(RenderedReplay, SaysWhatItDoesNotShow) {
    for (std::uint32_t client = 0; client < 5; ++client) hit(client, 0, 80);
    const auto text = to_text(subject, outcome, systems, 2);
    CHECK_TRUE(text.find("and 3 rows more") != std::string::npos);
}

TEST(RenderedReplay, SaysWhatWasNotJudgedAndWhatIsNotIp) {
    const Record record{{nullptr, 60, 60}, 1, 60};
    outcome.not_judged.add("link type 105 (IEEE 802.11)", record);
    outcome.not_judged.add("raw, and neither IPv4 nor IPv6", record);
    outcome.not_judged.add("raw, and neither IPv4 nor IPv6", record);
    outcome.not_ip.add("ARP", record);
    outcome.oversized = 4;
    outcome.unsegmented = 5;
    CHECK_TRUE(says("3 records could not be judged and go into no output; by kind below\n"));
    CHECK_TRUE(says("4 records are longer than the file's snapshot length; judged whole\n"));
    CHECK_TRUE(says("5 records have no length yet (segmentation offload)"));
    CHECK_TRUE(says("\n  not IP, passes     packets         bytes\n"
                    "  ARP                      1            60\n"));
    CHECK_TRUE(says("  raw, and neither IPv4 nor IPv6           2           120\n"
                    "  link type 105 (IEEE 802.11)              1            60\n"));
    const auto read = json::parse(to_json(subject, outcome, systems, 20));
    CHECK_EQUAL(2, read["not_judged"]["raw, and neither IPv4 nor IPv6"]["packets"].get<int>());
    CHECK_EQUAL(60, read["not_ip"]["ARP"]["bytes"].get<int>());
    CHECK_EQUAL(4, read["oversized"].get<int>());
    CHECK_EQUAL(5, read["unsegmented"].get<int>());
}

TEST(RenderedReplay, DoesNotSayThatNobodyWasHitWhereNothingWasJudged) {
    outcome.fault = Error{Errc::bad_input, "in.pcap: nothing in it can be judged"};
    CHECK_FALSE(says("Nobody"));
}

TEST(RenderedReplay, IsReadableByPrograms) {
    hit(0xC0000201, 1, 443);
    hit(0xC0000202, 1, {});
    const auto read = json::parse(to_json(subject, outcome, systems, 20));
    CHECK_EQUAL(2, read["packets"].get<int>());
    CHECK_EQUAL(2, read["verdicts"]["drop"]["packets"].get<int>());
    CHECK_EQUAL(0, read["verdicts"]["pass"]["packets"].get<int>());
    CHECK_TRUE(read["verdicts"]["pass"]["first"].is_null());
    CHECK_TRUE(read["error"].is_null());
    const auto& hit = read["hits"][0];
    STRCMP_EQUAL("192.0.2.1", hit["client"].get<std::string>().c_str());
    STRCMP_EQUAL("irc", hit["system"].get<std::string>().c_str());
    STRCMP_EQUAL("evasion", hit["class"].get<std::string>().c_str());
    STRCMP_EQUAL("1700000000.000000001", hit["first"].get<std::string>().c_str());
    CHECK_EQUAL(443, hit["port"].get<int>());
    CHECK_TRUE(read["hits"][1]["port"].is_null());
}
