// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/judge.hpp"

#include <array>

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

TEST_GROUP(Judge) {
    std::unique_ptr<const Tables> tables =
        std::move(Tables::compile(snapshot_of({{"203.0.113.0/28", 0},
                                               {"203.0.113.16/28", 1},
                                               {"203.0.113.32/28", 2},
                                               {"203.0.113.48/28", 3},
                                               {"203.0.113.64/28", 0, Scope::shared},
                                               {"2001:db8:5::/48", 0}},
                                              {"203.0.113.15/32", "198.51.100.0/24"}))
                      .value());

    Judgement judged(const PacketBuilder& builder, MalformedFate fate = MalformedFate::drop) {
        const auto bytes = builder.bytes();
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const Frame frame{bytes.data(), size, size};
        Judgement judgement;
        const auto judged = judge_burst(*tables, fate, &frame, 1, &judgement);
        return judged != 0 ? judgement : Judgement{};
    }
    Verdict to(std::string_view server, std::string_view client = "192.0.2.1") {
        return judged(packet().ipv4(client, server).tcp(40000, 443)).verdict;
    }
};

TEST(Judge, DropsPacketsToAndFromAListedAddress) {
    CHECK_EQUAL(Verdict::drop, to("203.0.113.1"));
    CHECK_EQUAL(Verdict::drop,
                judged(packet().ipv4("203.0.113.1", "192.0.2.1").udp(53, 1)).verdict);
    CHECK_EQUAL(Verdict::drop,
                judged(packet().ipv6("2001:db8::1", "2001:db8:5::9").icmp(128)).verdict);
}

TEST(Judge, NamesTheSystemThatCounts) {
    CHECK_EQUAL(0, judged(packet().ipv4("192.0.2.1", "203.0.113.1").tcp(1, 2)).system);
    CHECK_EQUAL(1, judged(packet().ipv4("192.0.2.1", "203.0.113.17").tcp(1, 2)).system);
    CHECK_EQUAL(kNoSystem, judged(packet().ipv4("192.0.2.1", "192.0.2.9").tcp(1, 2)).system);
}

TEST(Judge, KnowsEveryAction) {
    CHECK_EQUAL(Verdict::reject, to("203.0.113.17"));
    CHECK_EQUAL(Verdict::monitor, to("203.0.113.33"));
    CHECK_EQUAL(Verdict::pass, to("203.0.113.49"));
    CHECK_EQUAL(Verdict::pass, to("192.0.2.77"));
}

TEST(Judge, PassesAnAllowedAddressInsideAListedPrefix) {
    CHECK_EQUAL(Verdict::pass_allowed, to("203.0.113.15"));
    CHECK_EQUAL(Verdict::drop, to("203.0.113.14"));
    CHECK_EQUAL(Verdict::pass_allowed, to("203.0.113.1", "198.51.100.1"));
}

TEST(Judge, JudgesByTheClientsGroup) {
    CHECK_EQUAL(Verdict::pass, to("203.0.113.49", "192.0.2.127"));
    CHECK_EQUAL(Verdict::drop, to("203.0.113.49", "192.0.2.128"));
    CHECK_EQUAL(Verdict::drop,
                judged(packet().ipv4("203.0.113.49", "192.0.2.128").tcp(1, 2)).verdict);
}

TEST(Judge, EnforcesASharedAddressOnTheSystemsPortsOnly) {
    const auto shared = [this](auto&& build) {
        return judged(build(packet().ipv4("192.0.2.1", "203.0.113.65"))).verdict;
    };
    CHECK_EQUAL(Verdict::drop, shared([](PacketBuilder p) { return p.tcp(40000, 5190); }));
    CHECK_EQUAL(Verdict::pass, shared([](PacketBuilder p) { return p.tcp(5190, 443); }));
    CHECK_EQUAL(Verdict::pass, shared([](PacketBuilder p) { return p.udp(40000, 5190); }));
    CHECK_EQUAL(Verdict::pass, shared([](PacketBuilder p) { return p.icmp(8); }));
    CHECK_EQUAL(Verdict::drop,
                judged(packet().ipv4("203.0.113.65", "192.0.2.1").tcp(5190, 40000)).verdict);
    CHECK_EQUAL(Verdict::pass,
                judged(packet().ipv4("192.0.2.1", "203.0.113.65", 0x0005).tcp(1, 5190)).verdict);
}

TEST(Judge, PassesWhatIsNotIp) {
    CHECK_EQUAL(Verdict::pass_not_ip, judged(packet().ether(0x0806).raw({0, 1})).verdict);
}

TEST(Judge, LetsTheSiteDecideAboutMalformedPackets) {
    const auto broken = packet().ether(0x0800).raw({0x45, 0});
    CHECK_EQUAL(Verdict::drop_malformed, judged(broken).verdict);
    CHECK_EQUAL(Verdict::pass_malformed, judged(broken, MalformedFate::pass).verdict);
}

TEST(Judge, KeepsTheOrderOfABurst) {
    const std::array<std::vector<std::uint8_t>, 5> bytes{
        packet().ipv4("192.0.2.1", "203.0.113.1").tcp(1, 2).bytes(), packet().ether(0x88CC).bytes(),
        packet().ipv6("2001:db8::1", "2001:db8:5::9").udp(1, 2).bytes(),
        packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).bytes(),
        packet().ipv4("192.0.2.1", "203.0.113.17").tcp(1, 2).bytes()};
    std::array<Frame, 5> frames;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto size = static_cast<std::uint32_t>(bytes[i].size());
        frames[i] = {bytes[i].data(), size, size};
    }
    std::array<Judgement, 5> judgements;
    LONGS_EQUAL(0b10111, judge_burst(*tables, MalformedFate::drop, frames.data(), frames.size(),
                                     judgements.data()));
    CHECK_EQUAL(Verdict::drop, judgements[0].verdict);
    CHECK_EQUAL(Verdict::pass_not_ip, judgements[1].verdict);
    CHECK_EQUAL(Verdict::drop, judgements[2].verdict);
    CHECK_EQUAL(Verdict::reject, judgements[4].verdict);
}

TEST(Judge, FailsClosedOrBypassesWithoutTables) {
    const auto verdict = [](const PacketBuilder& builder, bool bypass) {
        const auto bytes = builder.bytes();
        const auto size = static_cast<std::uint32_t>(bytes.size());
        return judge_without_tables({bytes.data(), size, size}, bypass).verdict;
    };
    const auto ip = packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2);
    CHECK_EQUAL(Verdict::drop_unjudged, verdict(ip, false));
    CHECK_EQUAL(Verdict::pass_unjudged, verdict(ip, true));
    CHECK_EQUAL(Verdict::pass_not_ip, verdict(packet().ether(0x0806), false));
}
