// SPDX-License-Identifier: Apache-2.0
// What tunnels carry: found, and judged when the policy says so.
#include "dataplane/filter/judge.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/reading.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

PacketBuilder tunnel4() { return packet().ipv4("198.18.0.1", "198.18.0.2"); }
PacketBuilder tunnel6() { return packet().ipv6("2001:db8:f::1", "2001:db8:f::2"); }
PacketBuilder& inner4(PacketBuilder& builder) {
    return builder.ipv4("192.0.2.1", "203.0.113.1").udp(40000, 5190);
}
PacketBuilder& inner6(PacketBuilder& builder) {
    return builder.ipv6("2001:db8::1", "2001:db8:5::1").tcp(40000, 5191);
}

/// One of each shape, 192.0.2.1 to 203.0.113.1 or 2001:db8::1 to 2001:db8:5::1 inside.
std::vector<PacketBuilder> tunnels() {
    std::vector<PacketBuilder> made;
    for (const bool four_outside : {true, false})
        for (const bool four_inside : {true, false}) {
            const auto add = [&](PacketBuilder builder) {
                made.push_back(four_inside ? inner4(builder) : inner6(builder));
            };
            const auto outer = four_outside ? tunnel4() : tunnel6();
            const auto begin = [&] { return PacketBuilder(outer); };
            add(begin()); // IPIP, 6in4, 4in6, 6in6
            for (const unsigned flags : {0x0000U, 0x8000U, 0x2000U, 0x3000U, 0xB000U})
                add(begin().gre(static_cast<std::uint16_t>(flags)));
            add(begin().gre().ethernet());
            add(begin().gre(0x2000).ethernet().vlan(5));
            add(begin().gre().mpls(2));
            add(begin().vxlan());
            add(begin().vxlan().tag(0x88A8, 3).vlan(4));
        }
    auto in_session = packet().pppoe().ipv4("198.18.0.1", "198.18.0.2", 0, 3);
    made.push_back(inner6(in_session));
    auto limited = tunnel6().extension(60); // RFC 2473, 4.1: encapsulation limit
    made.push_back(inner4(limited));
    auto beginning = packet().ipv4("198.18.0.1", "198.18.0.2", 0x2000);
    made.push_back(inner4(beginning));
    return made;
}

} // namespace

TEST_GROUP(Tunnel){};

TEST(Tunnel, OfEachShapeShowsWhatItCarries) {
    for (const auto& builder : tunnels()) {
        const auto layers = read_layers(builder.bytes());
        CHECK_EQUAL(2U, layers.size());
        const bool four = layers[1].kind == Kind::ipv4;
        STRCMP_EQUAL(four ? "192.0.2.1" : "2001:db8::1", source_of(layers[1]).c_str());
        STRCMP_EQUAL(four ? "203.0.113.1" : "2001:db8:5::1", destination_of(layers[1]).c_str());
        CHECK_EQUAL(four ? 5190 : 5191, layers[1].destination_port);
    }
}

TEST(Tunnel, CutAnywhereIsNeverReadBeyond) {
    for (const auto& builder : tunnels()) {
        const auto whole = builder.bytes();
        for (std::size_t size = 0; size < whole.size(); ++size)
            CHECK_TRUE(read_layers({whole.begin(), whole.begin() + static_cast<long>(size)})
                           .empty()); // the outer datagram is longer than the frame
    }
}

TEST(Tunnel, WithAnInsideCutAnywhereIsStillAPacket) {
    for (const auto& inner : {inner4, inner6})
        for (const auto& shape : {tunnel4(), tunnel4().gre(), tunnel6().vxlan()}) {
            auto builder = shape;
            const auto outer_size = PacketBuilder(shape).bytes().size();
            const auto whole = inner(builder).bytes();
            for (auto size = outer_size; size < whole.size(); ++size) {
                auto cut = whole;
                cut.resize(size);
                const bool is_ipv4 = cut[12] == 0x08;
                const auto length = size - 14 - (is_ipv4 ? 0 : 40);
                cut[is_ipv4 ? 16 : 18] = static_cast<std::uint8_t>(length >> 8U);
                cut[is_ipv4 ? 17 : 19] = static_cast<std::uint8_t>(length);
                CHECK_EQUAL(1U, read_layers(cut).size());
            }
        }
}

TEST(Tunnel, IsNotSeenWhereThereIsNone) {
    const auto layers = [](PacketBuilder builder) {
        return read_layers(inner4(builder).bytes()).size();
    };
    CHECK_EQUAL(1U, layers(tunnel4().gre(0x4000)));       // routing (RFC 1701)
    CHECK_EQUAL(1U, layers(tunnel4().gre(0x0001)));       // version 1: PPTP
    CHECK_EQUAL(1U, layers(tunnel4().vxlan(4790)));       // another port
    CHECK_EQUAL(1U, layers(tunnel4().vxlan(4789, 0x00))); // no network identifier
    CHECK_EQUAL(1U, layers(packet().ipv4("198.18.0.1", "198.18.0.2", 0x00B9))); // later fragment
    CHECK_EQUAL(1U, layers(tunnel6().fragment(185 << 3)));
    CHECK_EQUAL(1U, read_layers(tunnel4().protocol(41).raw({0x45, 0, 0, 20}).bytes()).size());
    CHECK_EQUAL(1U,
                read_layers(tunnel4().gre().ether(0x880B).raw({0x45, 0, 0, 20}).bytes()).size());
}

TEST(Tunnel, HidesItsOwnFragmentsTransport) {
    const auto layers =
        read_layers(tunnel4().gre().ipv4("192.0.2.1", "203.0.113.1", 0x0005).udp(1, 5190).bytes());
    CHECK_EQUAL(2U, layers.size());
    CHECK_FALSE(layers[1].has_ports);
}

TEST_GROUP(TunnelVerdict) {
    Snapshot snapshot = snapshot_of({{"203.0.113.1/32", 0},
                                     {"203.0.113.2/32", 1},
                                     {"203.0.113.3/32", 2},
                                     {"203.0.113.64/28", 0, Scope::shared},
                                     {"2001:db8:5::/48", 0}},
                                    {"198.51.100.0/24"});

    Judgement judged(const PacketBuilder& builder, bool inspecting = true) {
        return judged(builder.bytes(), inspecting);
    }
    Judgement judged(const std::vector<std::uint8_t>& bytes, bool inspecting = true) {
        snapshot.rules.inspect_tunnels = inspecting;
        const auto tables = Tables::compile(snapshot).value();
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const Frame frame{bytes.data(), size, size};
        Judgement first;
        for (const auto& screen : screens()) {
            Judgement judgement;
            if (judge_burst(*tables, MalformedFate::drop, &frame, 1, &judgement, screen) == 0)
                judgement = {};
            if (&screen == &screens().front()) first = judgement;
            CHECK_TRUE(first == judgement);
        }
        return first;
    }
    static PacketBuilder through(std::string_view from, std::string_view to,
                                 std::string_view server) {
        return packet().ipv4(from, to).gre().ipv4("192.0.2.1", server).tcp(40000, 443);
    }
    Verdict verdict(std::string_view to, std::string_view server) {
        return judged(through("198.18.0.1", to, server)).verdict;
    }
};

TEST(TunnelVerdict, StopsAListedAddressInsideEachShape) {
    for (const auto& builder : tunnels()) {
        CHECK_EQUAL(Verdict::drop, judged(builder).verdict);
        CHECK_TRUE(judged(builder).is_inner);
        CHECK_EQUAL(Verdict::pass, judged(builder, false).verdict);
    }
}

TEST(TunnelVerdict, IsTheMostSevereOfItsLayers) {
    CHECK_EQUAL(Verdict::drop, verdict("203.0.113.3", "203.0.113.1"));
    CHECK_EQUAL(Verdict::drop, verdict("203.0.113.1", "203.0.113.3"));
    CHECK_EQUAL(Verdict::reject, verdict("203.0.113.3", "203.0.113.2"));
    CHECK_EQUAL(Verdict::monitor, verdict("203.0.113.3", "192.0.2.2"));
    CHECK_FALSE(judged(through("198.18.0.1", "203.0.113.1", "203.0.113.2")).is_inner);
}

TEST(TunnelVerdict, IsNotExcusedByAnAllowedEnd) {
    CHECK_EQUAL(Verdict::drop, verdict("198.51.100.1", "203.0.113.1"));
    CHECK_EQUAL(Verdict::drop, verdict("203.0.113.1", "198.51.100.1"));
    CHECK_EQUAL(Verdict::pass_allowed, verdict("198.51.100.1", "192.0.2.2"));
    CHECK_EQUAL(Verdict::pass, verdict("198.18.0.2", "198.51.100.1"));
}

TEST(TunnelVerdict, GoesByTheInnerClientsGroupAndPorts) {
    const auto inside = [](std::string_view client, std::string_view server, std::uint16_t port) {
        return packet().ipv4("198.18.0.1", "198.18.0.2").gre().ipv4(client, server).tcp(4, port);
    };
    CHECK_EQUAL(Verdict::monitor, judged(inside("192.0.2.1", "203.0.113.3", 443)).verdict);
    CHECK_EQUAL(Verdict::drop, judged(inside("192.0.2.129", "203.0.113.3", 443)).verdict);
    CHECK_EQUAL(Verdict::drop, judged(inside("192.0.2.1", "203.0.113.65", 5190)).verdict);
    CHECK_EQUAL(Verdict::pass, judged(inside("192.0.2.1", "203.0.113.65", 443)).verdict);
}

TEST(TunnelVerdict, LooksTwoLayersDeepAndNoFurther) {
    const auto listed = [](PacketBuilder builder) {
        return builder.ipv4("192.0.2.1", "203.0.113.1").udp(1, 2);
    };
    const auto two = tunnel4().ipv6("2001:db8:f::1", "2001:db8:f::2");
    CHECK_EQUAL(Verdict::drop, judged(listed(two)).verdict);
    CHECK_EQUAL(Verdict::pass,
                judged(listed(PacketBuilder(two).gre().ipv4("198.18.0.3", "198.18.0.4"))).verdict);
}

TEST(TunnelVerdict, IsMalformedWhenAFragmentEndsInsideTheInnerHeaders) {
    const auto first = [](std::string_view to, std::size_t bytes) {
        auto inside = packet().ipv6("2001:db8::1", "2001:db8:6::1").tcp(40000, 5190).bytes();
        inside.erase(inside.begin(), inside.begin() + 14);
        inside.resize(bytes);
        return packet().ipv4("198.18.0.1", to, 0x2000).protocol(41).raw(inside);
    };
    for (const std::size_t bytes : {0U, 8U, 32U, 40U}) // 40: the ports are in the next one
        CHECK_EQUAL(Verdict::drop_malformed, judged(first("198.18.0.2", bytes)).verdict);
    CHECK_EQUAL(Verdict::pass, judged(first("198.18.0.2", 48)).verdict);
    CHECK_EQUAL(Verdict::pass, judged(first("198.18.0.2", 8), false).verdict);
    CHECK_EQUAL(Verdict::drop, judged(first("203.0.113.1", 8)).verdict);
    // In a datagram of one piece it is no fragment's end.
    CHECK_EQUAL(Verdict::pass,
                judged(packet().ipv4("198.18.0.1", "198.18.0.2").protocol(41).raw({0x60})).verdict);
    // Two layers deep: the outermost fragment ends inside the innermost header.
    auto twice =
        packet().ipv4("198.18.0.1", "198.18.0.2", 0x2000).gre().ipv4("198.18.0.3", "198.18.0.4");
    auto bytes = twice.protocol(41).raw(std::vector<std::uint8_t>(16, 0x60)).bytes();
    bytes[14 + 20 + 4 + 3] = 200; // the carrier goes on in the next fragment
    CHECK_EQUAL(Verdict::drop_malformed, judged(bytes).verdict);
}

TEST(TunnelVerdict, IsTheOuterOneWhenTheInsideContradictsItself) {
    const auto broken = tunnel4().protocol(4).raw({0x45, 0, 0, 99, 0, 0, 0, 0});
    CHECK_EQUAL(Verdict::pass, judged(broken).verdict);
    CHECK_EQUAL(Verdict::drop,
                judged(packet().ipv4("198.18.0.1", "203.0.113.1").protocol(4).raw({0x45, 0, 0, 99}))
                    .verdict);
}
