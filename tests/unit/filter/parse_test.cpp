// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/parse.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/reading.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

PacketBuilder from_client() { return packet().ipv4("192.0.2.1", "203.0.113.9"); }
PacketBuilder from_client6() { return packet().ipv6("2001:db8::1", "2001:db8:5::9"); }

const std::vector<std::uint8_t> kEmpty;

} // namespace

TEST_GROUP(Parse){};

TEST(Parse, ReadsAddressesAndPortsOfIpv4) {
    const auto parsed = read(from_client().udp(40000, 53));
    CHECK_EQUAL(Kind::ipv4, parsed.kind);
    STRCMP_EQUAL("192.0.2.1", source_of(parsed).c_str());
    STRCMP_EQUAL("203.0.113.9", destination_of(parsed).c_str());
    CHECK_EQUAL(17, parsed.protocol);
    CHECK_TRUE(parsed.has_ports);
    CHECK_EQUAL(40000, parsed.source_port);
    CHECK_EQUAL(53, parsed.destination_port);
    CHECK_FALSE(parsed.is_fragment);
}

TEST(Parse, ReadsAddressesAndPortsOfIpv6) {
    const auto parsed = read(from_client6().tcp(40000, 5190));
    CHECK_EQUAL(Kind::ipv6, parsed.kind);
    STRCMP_EQUAL("2001:db8::1", source_of(parsed).c_str());
    STRCMP_EQUAL("2001:db8:5::9", destination_of(parsed).c_str());
    CHECK_EQUAL(5190, parsed.destination_port);
}

TEST(Parse, ReadsThePortsOfSctp) {
    CHECK_EQUAL(5060, read(from_client().sctp(1, 5060)).destination_port);
}

TEST(Parse, FindsPortsBehindIpv4Options) {
    const auto parsed = read(packet().ipv4("192.0.2.1", "203.0.113.9", 0, 10).tcp(40000, 5190));
    CHECK_EQUAL(5190, parsed.destination_port);
}

TEST(Parse, LooksThroughVlanTags) {
    const auto one = read(packet().vlan(7).ipv4("192.0.2.1", "203.0.113.9").udp(1, 53));
    CHECK_EQUAL(53, one.destination_port);
    const auto two =
        read(packet().tag(0x88A8, 9).vlan(7).ipv6("2001:db8::1", "2001:db8::2").udp(1, 54));
    CHECK_EQUAL(54, two.destination_port);
    CHECK_EQUAL(22, two.network);
}

TEST(Parse, TakesAStackOfTooManyTagsForNotIp) {
    auto deepest = packet();
    for (unsigned i = 0; i < kMaxTags; ++i) deepest.vlan(1);
    CHECK_EQUAL(Kind::ipv4, read(PacketBuilder(deepest).ipv4("192.0.2.1", "203.0.113.9")).kind);
    CHECK_EQUAL(Kind::not_ip, read(deepest.vlan(1).ipv4("192.0.2.1", "203.0.113.9")).kind);
}

TEST(Parse, LeavesEveryOtherEthertypeAlone) {
    for (const unsigned type : {0x0806U, 0x88CCU, 0x0026U, 0x8863U, 0x0000U, 0xFFFFU})
        CHECK_EQUAL(Kind::not_ip,
                    read(packet().ether(static_cast<std::uint16_t>(type)).raw({1, 2, 3})).kind);
}

TEST(Parse, TakesARuntForMalformed) {
    CHECK_EQUAL(Kind::malformed, read(kEmpty).kind);
    CHECK_EQUAL(Kind::malformed, read(std::vector<std::uint8_t>(13)).kind);
    CHECK_EQUAL(Kind::malformed, read(packet().ether(0x8100).raw({0})).kind);
    CHECK_EQUAL(Kind::malformed, parse(nullptr, 0).kind);
}

TEST(Parse, RefusesContradictoryIpv4) {
    auto frame = from_client().udp(1, 2).bytes();
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto changed = frame;
        changed[at] = value;
        return read(changed).kind;
    };
    CHECK_EQUAL(Kind::ipv4, with(14, 0x45));
    CHECK_EQUAL(Kind::malformed, with(14, 0x65)); // version 6
    CHECK_EQUAL(Kind::malformed, with(14, 0x44)); // a header of 16 bytes
    CHECK_EQUAL(Kind::malformed, with(14, 0x4F)); // a header longer than the datagram
    CHECK_EQUAL(Kind::malformed, with(17, 19));   // shorter than its header
    CHECK_EQUAL(Kind::malformed, with(17, 29));   // longer than the frame
}

TEST(Parse, RefusesContradictoryIpv6) {
    auto frame = from_client6().udp(1, 2).bytes();
    CHECK_EQUAL(Kind::ipv6, read(frame).kind);
    frame[19] = 9; // one more than there is
    CHECK_EQUAL(Kind::malformed, read(frame).kind);
    frame[19] = 8;
    frame[14] = 0x40;
    CHECK_EQUAL(Kind::malformed, read(frame).kind);
}

TEST(Parse, WalksExtensionHeaders) {
    const auto parsed =
        read(from_client6().extension(0).extension(60, 3).extension(43, 2).tcp(1, 5190));
    CHECK_EQUAL(6, parsed.protocol);
    CHECK_EQUAL(5190, parsed.destination_port);
}

TEST(Parse, RefusesAnEndlessOrOverlongExtensionChain) {
    auto longest = from_client6();
    for (unsigned i = 0; i < kMaxExtensions; ++i) longest.extension(60);
    CHECK_EQUAL(Kind::ipv6, read(PacketBuilder(longest).tcp(1, 2)).kind);
    CHECK_EQUAL(Kind::malformed, read(longest.extension(60).tcp(1, 2)).kind);

    auto overlong = from_client6().extension(0).bytes();
    overlong[55] = 200; // claims 1608 bytes
    CHECK_EQUAL(Kind::malformed, read(overlong).kind);
}

TEST(Parse, StopsAtAnAuthenticationHeaderInBothFamilies) {
    const auto six = read(from_client6().extension(60).authentication(4).tcp(1, 5190));
    CHECK_EQUAL(51, six.protocol);
    CHECK_FALSE(six.has_ports);
    const auto four = read(from_client().authentication(4).raw(std::vector<std::uint8_t>(20)));
    CHECK_EQUAL(51, four.protocol);
    CHECK_FALSE(four.has_ports);
}

TEST(Parse, StopsAtAHeaderThatHidesTheRest) {
    const auto parsed = read(from_client6().protocol(50).raw({0, 1, 0, 2, 0, 0, 0, 0}));
    CHECK_EQUAL(Kind::ipv6, parsed.kind);
    CHECK_EQUAL(50, parsed.protocol);
    CHECK_FALSE(parsed.has_ports);
}

TEST(Parse, ReadsPortsOfAFirstFragmentOnly) {
    const auto first = read(packet().ipv4("192.0.2.1", "203.0.113.9", 0x2000).udp(1, 53));
    CHECK_TRUE(first.has_ports);
    CHECK_TRUE(first.is_fragment);
    const auto later = read(packet().ipv4("192.0.2.1", "203.0.113.9", 0x0005).udp(1, 53));
    CHECK_FALSE(later.has_ports);
    CHECK_EQUAL(17, later.protocol);
    CHECK_TRUE(later.is_fragment);

    CHECK_TRUE(read(from_client6().fragment(1).udp(1, 53)).has_ports);
    const auto later6 = read(from_client6().fragment(8).udp(1, 53));
    CHECK_FALSE(later6.has_ports);
    CHECK_EQUAL(17, later6.protocol);
    CHECK_FALSE(read(from_client6().fragment(0).udp(1, 53)).is_fragment); // RFC 6946
}

TEST(Parse, DoesNotWalkOnInsideALaterFragment) {
    // What looks like a destination options header is payload: its length must not be believed.
    const auto parsed = read(from_client6().fragment(8).protocol(60).raw({6, 255}));
    CHECK_EQUAL(Kind::ipv6, parsed.kind);
    CHECK_EQUAL(60, parsed.protocol);
}

TEST(Parse, HasNoPortsWhenAFirstFragmentEndsBeforeThem) {
    const auto parsed =
        read(packet().ipv4("192.0.2.1", "203.0.113.9", 0x2000).protocol(6).raw({0, 1, 0}));
    CHECK_EQUAL(Kind::ipv4, parsed.kind);
    CHECK_FALSE(parsed.has_ports);
}

TEST(Parse, DoesNotReadPortsFromPadding) {
    const auto parsed = read(from_client().protocol(6).padded(60));
    CHECK_EQUAL(Kind::ipv4, parsed.kind);
    CHECK_FALSE(parsed.has_ports);
}

TEST(Parse, AcceptsADatagramThatGoesOnInTheNextBuffer) {
    const auto frame = from_client().udp(1, 53).raw(std::vector<std::uint8_t>(500)).bytes();
    CHECK_EQUAL(Kind::ipv4, parse(frame.data(), 60, frame.size()).kind);
    CHECK_EQUAL(Kind::malformed, parse(frame.data(), 60, frame.size() - 1).kind);
    const auto cut = parse(frame.data(), 30, frame.size());
    CHECK_EQUAL(Kind::malformed, cut.kind);
    CHECK_TRUE(cut.is_cut);
    CHECK_FALSE(parse(frame.data(), 60, frame.size()).is_cut);
    CHECK_FALSE(parse(frame.data(), 30, 30).is_cut); // there is no more to come
}

TEST(Parse, SurvivesEveryTruncationOfValidFrames) {
    const std::vector<PacketBuilder> frames{
        from_client().tcp(1, 2),
        packet().ipv4("192.0.2.1", "203.0.113.9", 0, 10).udp(1, 2),
        packet().tag(0x88A8, 1).vlan(2).ipv4("192.0.2.1", "203.0.113.9").sctp(1, 2),
        from_client6().extension(0).extension(43, 2).fragment(1).extension(60).tcp(1, 2),
        packet().vlan(1).mpls(3).ipv4("192.0.2.1", "203.0.113.9").tcp(1, 2),
        packet().mpls().ipv6("2001:db8::1", "2001:db8:5::9").extension(60).udp(1, 2),
        packet().pppoe().ipv4("192.0.2.1", "203.0.113.9", 0, 2).tcp(1, 2),
        packet().tag(0x88A8, 1).vlan(2).pppoe(7, true).ipv6("2001:db8::1", "2001:db8::2").udp(1, 2),
        from_client6().protocol(51).raw({17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 8}),
    };
    for (const auto& builder : frames) {
        const auto whole = builder.bytes();
        CHECK_TRUE(read(whole).is_ip());
        for (std::size_t size = 0; size < whole.size(); ++size)
            CHECK_FALSE(read({whole.begin(), whole.begin() + static_cast<long>(size)}).is_ip());
    }
}

TEST(Parse, SurvivesEveryByteChangedAndCutAtRandom) {
    std::uint64_t state = 88172645463325252U; // xorshift64 (Marsaglia 2003)
    const auto random = [&state] {
        state ^= state << 13U;
        state ^= state >> 7U;
        return state ^= state << 17U;
    };
    const auto valid = from_client6().extension(0).fragment(1).extension(60, 2).tcp(1, 2).bytes();
    for (int i = 0; i < 20000; ++i) {
        auto frame = valid;
        for (auto n = random() % 6; n > 0; --n)
            frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
        frame.resize(random() % (frame.size() + 1));
        const auto parsed = read(frame);
        CHECK_TRUE(!parsed.is_ip() || parsed.end <= frame.size());
    }
}
