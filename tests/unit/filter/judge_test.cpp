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

// Allowed: 203.0.113.15 and 198.51.100.0/24. The router 203.0.113.1 is dropped, .17 rejected, .33
// monitored; whose verdict depends on the client is .49.
TEST_GROUP_BASE(JudgeIcmpError, TEST_GROUP_CppUTestGroupJudge) {
    using Packet = PacketBuilder;

    /// Fragmentation needed, from a listed router.
    static Packet error(std::string_view router = "203.0.113.1", std::uint8_t type = 3) {
        return packet().ipv4(router, "192.0.2.1").icmp_about(type);
    }
    static Packet about_allowed(Packet error) {
        return error.ipv4("192.0.2.1", "203.0.113.15").tcp(40000, 443);
    }
    Verdict verdict(const Packet& builder) { return judged(builder).verdict; }
    /// Of a frame with byte `at` behind the Ethernet header changed.
    Verdict changed(const Packet& builder, std::size_t at, std::uint8_t value) {
        auto bytes = builder.bytes();
        bytes.at(14 + at) = value;
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const Frame frame{bytes.data(), size, size};
        Judgement judgement;
        return judge_burst(*tables, MalformedFate::drop, &frame, 1, &judgement) != 0
                   ? judgement.verdict
                   : Verdict::pass;
    }
};

TEST(JudgeIcmpError, PassesWhenItQuotesAnAllowedHost) {
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{3, 11, 12})
        for (const auto* router : {"203.0.113.1", "203.0.113.17", "203.0.113.33"})
            CHECK_EQUAL(Verdict::pass_allowed, verdict(about_allowed(error(router, type))));
    CHECK_EQUAL(Verdict::pass_allowed,
                verdict(error().ipv4("203.0.113.15", "192.0.2.1").udp(443, 40000)));
    CHECK_EQUAL(Verdict::pass_allowed, // the router's verdict depends on the client
                verdict(packet()
                            .ipv4("203.0.113.49", "192.0.2.200")
                            .icmp_about(3)
                            .ipv4("192.0.2.200", "203.0.113.15")
                            .tcp(1, 2)));
}

TEST(JudgeIcmpError, PassesBehindTagsLabelsSessionsAndOptions) {
    const auto quoting = [](Packet outer) { return about_allowed(outer.icmp_about(3)); };
    CHECK_EQUAL(Verdict::pass_allowed,
                verdict(quoting(packet().vlan(7).ipv4("203.0.113.1", "192.0.2.1"))));
    CHECK_EQUAL(Verdict::pass_allowed,
                verdict(quoting(packet().mpls(2).ipv4("203.0.113.1", "192.0.2.1"))));
    CHECK_EQUAL(Verdict::pass_allowed,
                verdict(quoting(packet().pppoe().ipv4("203.0.113.1", "192.0.2.1"))));
    CHECK_EQUAL(Verdict::pass_allowed,
                verdict(quoting(packet().ipv4("203.0.113.1", "192.0.2.1", 0, 2))));
}

TEST(JudgeIcmpError, IsJudgedByItsEndsWhenTheQuoteIsNotOfAnAllowedHost) {
    CHECK_EQUAL(Verdict::drop, verdict(error().ipv4("192.0.2.1", "203.0.113.9").tcp(1, 443)));
    CHECK_EQUAL(Verdict::drop, verdict(error().ipv4("192.0.2.1", "192.0.2.99").tcp(1, 443)));
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 4, 5, 8, 13})
        CHECK_EQUAL(Verdict::drop, verdict(about_allowed(error("203.0.113.1", type))));
    CHECK_EQUAL(Verdict::drop, // no ICMP
                verdict(packet().ipv4("203.0.113.1", "192.0.2.1").udp(0x0300, 0)));
}

TEST(JudgeIcmpError, IsJudgedByItsEndsWhenTheQuoteIsNotWhole) {
    const auto whole = about_allowed(error());
    CHECK_EQUAL(Verdict::pass_allowed, changed(whole, 0, 0x45));
    CHECK_EQUAL(Verdict::drop, changed(whole, 28, 0x46)); // options in the quote
    CHECK_EQUAL(Verdict::drop, changed(whole, 28, 0x44));
    CHECK_EQUAL(Verdict::drop, changed(whole, 28, 0x65));
    CHECK_EQUAL(Verdict::drop, changed(whole, 31, 27));   // a total length too short
    CHECK_EQUAL(Verdict::drop, changed(whole, 34, 0x20)); // more fragments
    CHECK_EQUAL(Verdict::drop, changed(whole, 35, 0x01)); // an offset
    CHECK_EQUAL(Verdict::pass_allowed, changed(whole, 34, 0x40));
    CHECK_EQUAL(Verdict::pass_allowed, changed(whole, 31, 28));
    CHECK_EQUAL(Verdict::drop, // IPv6 in IPv4's error
                verdict(error().ipv6("2001:db8::1", "2001:db8::2").tcp(1, 2)));
    // A later fragment of an error is no error.
    CHECK_EQUAL(Verdict::drop, verdict(about_allowed(
                                   packet().ipv4("203.0.113.1", "192.0.2.1", 10).icmp_about(3))));
}

TEST(JudgeIcmpError, NeedsTheQuotedHeaderAndEightBytesOfItsPayload) {
    for (const std::size_t left : {28U, 29U, 40U, 55U, 56U, 57U}) {
        auto bytes = about_allowed(error()).bytes();
        bytes.resize(14 + left);
        bytes[17] = static_cast<std::uint8_t>(left); // the datagram ends there
        bytes.resize(90, 0x5A);                      // Ethernet padding quotes nothing
        const Frame frame{bytes.data(), 90, 90};
        Judgement judgement;
        CHECK_TRUE(judge_burst(*tables, MalformedFate::drop, &frame, 1, &judgement) != 0);
        CHECK_EQUAL(left >= 56 ? Verdict::pass_allowed : Verdict::drop, judgement.verdict);
    }
}

TEST(JudgeIcmpError, OfIpv6IsTheSame) {
    tables = std::move(
        Tables::compile(snapshot_of({{"2001:db8:5::/48", 0}}, {"2001:db8:5::80/128"})).value());
    const auto error = [](std::uint8_t type) {
        return packet().ipv6("2001:db8:5::1", "2001:db8::1").icmp_about(type);
    };
    const auto whole = error(2).ipv6("2001:db8::1", "2001:db8:5::80").tcp(1, 443);
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 2, 3, 4})
        CHECK_EQUAL(Verdict::pass_allowed,
                    verdict(error(type).ipv6("2001:db8::1", "2001:db8:5::80").tcp(1, 443)));
    CHECK_EQUAL(Verdict::drop,
                verdict(error(128).ipv6("2001:db8::1", "2001:db8:5::80").tcp(1, 443)));
    CHECK_EQUAL(Verdict::drop, verdict(error(2).ipv6("2001:db8::1", "2001:db8:5::81").tcp(1, 443)));
    CHECK_EQUAL(Verdict::pass_allowed, // extensions before the error are walked
                verdict(packet()
                            .ipv6("2001:db8:5::1", "2001:db8::1")
                            .extension(60)
                            .icmp_about(2)
                            .ipv6("2001:db8::1", "2001:db8:5::80")
                            .udp(1, 2)));
    CHECK_EQUAL(Verdict::drop, changed(whole, 48, 0x45));
    CHECK_EQUAL(Verdict::drop, changed(whole, 53, 7));
    for (const std::uint8_t extension : std::initializer_list<std::uint8_t>{0, 43, 44, 60})
        CHECK_EQUAL(Verdict::drop, changed(whole, 54, extension));
    CHECK_EQUAL(Verdict::pass_allowed, changed(whole, 54, 50));
}
