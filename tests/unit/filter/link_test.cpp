// SPDX-License-Identifier: Apache-2.0
// Label stacks and PPPoE sessions.
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/parse.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/reading.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

TEST_GROUP(LabelStack){};

TEST(LabelStack, LeadsToTheIpUnderIt) {
    for (const unsigned labels : {1U, 3U, kMaxLabels}) {
        const auto four =
            read(packet().mpls(labels).ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53));
        CHECK_EQUAL(Kind::ipv4, four.kind);
        CHECK_EQUAL(53, four.destination_port);
        CHECK_EQUAL(14 + 4 * labels, four.network);
        CHECK_TRUE(four.is_labelled);
        const auto six = read(
            packet().vlan(7).mpls(labels, 0x8848).ipv6("2001:db8::1", "2001:db8::2").udp(1, 54));
        CHECK_EQUAL(Kind::ipv6, six.kind);
        CHECK_EQUAL(54, six.destination_port);
    }
}

TEST(LabelStack, TooDeepIsNotIp) {
    CHECK_EQUAL(Kind::not_ip,
                read(packet().mpls(kMaxLabels + 1).ipv4("192.0.2.1", "203.0.113.9")).kind);
}

TEST(LabelStack, OverSomethingElseIsNotIp) {
    for (const unsigned first : {0x00U, 0x10U, 0x50U, 0xF0U}) // control word, channel header, ...
        CHECK_EQUAL(Kind::not_ip,
                    read(packet().mpls(2).raw({static_cast<std::uint8_t>(first), 0, 0, 0})).kind);
}

TEST(LabelStack, WithoutABottomOrOverBrokenIpIsMalformed) {
    CHECK_EQUAL(Kind::malformed, read(packet().ether(kTypeLabels).raw({0, 0, 0, 64})).kind);
    CHECK_EQUAL(Kind::malformed, read(packet().mpls()).kind);
    CHECK_EQUAL(Kind::malformed, read(packet().mpls().raw({0x45, 0, 0, 20})).kind);
    auto frame = packet().mpls().ipv4("192.0.2.1", "203.0.113.9").bytes();
    frame[18] = 0x44;
    CHECK_EQUAL(Kind::malformed, read(frame).kind);
}

TEST_GROUP(Session){};

TEST(Session, LeadsToTheIpInIt) {
    for (const bool compressed : {false, true}) {
        const auto four = read(
            packet().pppoe(1, compressed).ipv4("192.0.2.1", "203.0.113.9").udp(1, 53).padded(60));
        CHECK_EQUAL(Kind::ipv4, four.kind);
        STRCMP_EQUAL("203.0.113.9", destination_of(four).c_str());
        CHECK_EQUAL(53, four.destination_port);
        CHECK_EQUAL(14U, four.session);
        const auto six = read(packet()
                                  .tag(0x88A8, 9)
                                  .vlan(7)
                                  .pppoe(1, compressed)
                                  .ipv6("2001:db8::1", "2001:db8::2")
                                  .tcp(1, 54));
        CHECK_EQUAL(Kind::ipv6, six.kind);
        CHECK_EQUAL(54, six.destination_port);
        CHECK_EQUAL(22U, six.session);
    }
}

TEST(Session, OverSomethingElseIsNotIp) {
    const auto carrying = [](std::uint8_t high, std::uint8_t low) {
        return read(packet().ether(kTypeSession).raw({0x11, 0, 0, 1, 0, 4, high, low, 1, 1})).kind;
    };
    CHECK_EQUAL(Kind::not_ip, carrying(0xC0, 0x21)); // LCP
    CHECK_EQUAL(Kind::not_ip, carrying(0x80, 0x57)); // IPV6CP
    CHECK_EQUAL(Kind::not_ip, carrying(0x02, 0x81)); // MPLS
    CHECK_EQUAL(Kind::malformed, carrying(0x00, 0x21));
    CHECK_EQUAL(Kind::not_ip, read(packet().ether(0x8863).raw({0x11, 9, 0, 0, 0, 0})).kind);
}

TEST(Session, ThatIsNoneIsMalformed) {
    const auto frame = packet().pppoe().ipv4("192.0.2.1", "203.0.113.9").udp(1, 53).bytes();
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto changed = frame;
        changed[at] = value;
        return read(changed).kind;
    };
    CHECK_EQUAL(30, frame[19]);
    CHECK_EQUAL(Kind::ipv4, with(19, 30));
    CHECK_EQUAL(Kind::malformed, with(19, 31)); // longer than the frame
    CHECK_EQUAL(Kind::malformed, with(19, 29)); // shorter than the datagram
    CHECK_EQUAL(Kind::malformed, with(19, 1));
    CHECK_EQUAL(Kind::malformed, with(19, 0));
    CHECK_EQUAL(Kind::malformed, with(14, 0x12)); // another type
    CHECK_EQUAL(Kind::malformed, with(15, 0x09)); // a code of the discovery stage
    CHECK_EQUAL(Kind::malformed, with(22, 0x65)); // another version than PPP names
}

TEST(Session, KeepsItsPaddingOutOfTheDatagram) {
    const auto parsed =
        read(packet().pppoe().ipv4("192.0.2.1", "203.0.113.9").protocol(6).padded(60));
    CHECK_EQUAL(Kind::ipv4, parsed.kind);
    CHECK_FALSE(parsed.has_ports);
}
