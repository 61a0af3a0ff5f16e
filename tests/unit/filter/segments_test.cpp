// SPDX-License-Identifier: Apache-2.0
// Law: a packet is judged by its bytes, however they lie in a chain of buffers.
#include <array>

#include "dataplane/filter/judge.hpp"
#include "dataplane/filter/segments.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/places.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

struct Case {
    std::vector<std::uint8_t> frame;
    Verdict expected;
};

/// To a shared address on its port, so that everything up to the ports must be read.
std::vector<Case> cases() {
    const auto four = [](PacketBuilder builder, std::uint16_t port = 5190) {
        return builder.ipv4("192.0.2.1", "203.0.113.65", 0, 2).tcp(40000, port).bytes();
    };
    const auto six = [](PacketBuilder builder) {
        return builder.ipv6("2001:db8::1", "2001:db8:5::1").extension(0).extension(60).tcp(1, 5190);
    };
    return {{four(packet()), Verdict::drop},
            {four(packet(), 443), Verdict::pass},
            {four(packet().tag(0x88A8, 1).vlan(2).mpls(3)), Verdict::drop},
            {four(packet().vlan(2).pppoe()), Verdict::drop},
            {six(packet()).bytes(), Verdict::drop},
            {six(packet().pppoe(1, true)).bytes(), Verdict::drop},
            {four(packet().ipv6("2001:db8:f::1", "2001:db8:f::2")), Verdict::drop},
            {four(packet().ipv4("198.18.0.1", "198.18.0.2").gre(0x3000)), Verdict::drop},
            {six(packet().ipv4("198.18.0.1", "198.18.0.2").vxlan().vlan(7)).bytes(), Verdict::drop},
            {packet().vlan(3).ether(0x0806).raw(std::vector<std::uint8_t>(40)).bytes(),
             Verdict::pass_not_ip},
            {packet().ipv4("192.0.2.1", "203.0.113.65", 0, 2).padded(41), Verdict::drop_malformed}};
}

std::unique_ptr<const Tables> compiled() {
    auto snapshot =
        snapshot_of({{"203.0.113.64/28", 0, Scope::shared}, {"2001:db8:5::/48", 0, Scope::shared}});
    snapshot.rules.inspect_tunnels = true;
    return std::move(Tables::compile(snapshot).value());
}

} // namespace

TEST_GROUP(Segments) {
    Chains chains;
    std::unique_ptr<const Tables> tables = compiled();

    void check(const Case& expected, const std::vector<std::size_t>& cuts) {
        rte_mbuf* mbuf = chains.put(0, expected.frame, cuts);
        for (const auto& screen : screens()) {
            Judgement judgement;
            const auto known =
                judge_burst(*tables, MalformedFate::drop, &mbuf, 1, &judgement, screen);
            CHECK_EQUAL(expected.expected, judgement.verdict);
            CHECK_EQUAL(expected.expected == Verdict::pass ? 0U : 1U, known);
        }
    }
};

TEST(Segments, CutAnywhereLeadToTheSameVerdict) {
    for (auto each : cases()) {
        if (each.expected == Verdict::drop_malformed) each.frame[16] = 0x7F; // far beyond the frame
        for (std::size_t cut = 0; cut <= each.frame.size(); ++cut) check(each, {cut});
    }
}

TEST(Segments, CutTwiceLeadToTheSameVerdict) {
    for (auto each : cases()) {
        if (each.expected == Verdict::drop_malformed) each.frame[16] = 0x7F;
        for (std::size_t cut = 0; cut <= each.frame.size(); ++cut)
            check(each, {cut, std::min(cut + 3, each.frame.size())});
    }
}

TEST(Segments, HoldHeadersBehindTheFirstTwoThousandBytes) {
    auto builder = packet().ipv6("2001:db8::1", "2001:db8:5::1").extension(60, 200);
    const Case each{builder.extension(60, 100).tcp(1, 5190).bytes(), Verdict::drop};
    check(each, {100});
    check(each, {1000, 2400});
}

TEST(Segments, ThatAreMissingAreTheEndOfThePacket) {
    const auto frame = cases().front().frame;
    rte_mbuf* mbuf = chains.put(0, frame, {20, 30});
    mbuf->next->next = nullptr; // pkt_len still says otherwise
    for (const auto& screen : screens()) {
        Judgement judgement;
        CHECK_EQUAL(1U, judge_burst(*tables, MalformedFate::drop, &mbuf, 1, &judgement, screen));
        CHECK_EQUAL(Verdict::drop_malformed, judgement.verdict);
    }
}

TEST(Segments, AreLookedThroughBeforeAnyTablesAreLoaded) {
    const auto arp = packet().vlan(3).ether(0x0806).raw({0, 1}).bytes();
    const auto ip = packet().vlan(3).ipv4("192.0.2.1", "192.0.2.2").bytes();
    for (std::size_t cut = 0; cut < arp.size(); ++cut) {
        CHECK_EQUAL(Verdict::pass_not_ip,
                    judge_without_tables(chains.put(0, arp, {cut}), false).verdict);
        CHECK_EQUAL(Verdict::drop_unjudged,
                    judge_without_tables(chains.put(0, ip, {cut}), false).verdict);
    }
}
