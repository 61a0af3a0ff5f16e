// SPDX-License-Identifier: Apache-2.0
// Every link type that is read: the same packet leads to the same flow. Headers are made by hand.
#include "dataplane/replay/framing.hpp"

#include "dataplane/filter/parse.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/replay/made_capture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::replay;

namespace {

Bytes behind_ethernet(const filter::PacketBuilder& builder) {
    const auto frame = builder.bytes();
    return {frame.begin() + 14, frame.end()};
}
const Bytes kIp4 = behind_ethernet(filter::packet().ipv4("192.0.2.1", "203.0.113.9").tcp(1, 443));
const Bytes kIp6 =
    behind_ethernet(filter::packet().ipv6("2001:db8::1", "2001:db8:bad::9").udp(1, 53));

Bytes with(Bytes front, const Bytes& back) {
    front.insert(front.end(), back.begin(), back.end());
    return front;
}
Bytes cooked(std::uint16_t hardware, std::uint16_t type, const Bytes& payload) {
    return with({0, 0, static_cast<std::uint8_t>(hardware >> 8U),
                 static_cast<std::uint8_t>(hardware), 0, 6, 2, 0, 0, 0, 0, 1, 0, 0,
                 static_cast<std::uint8_t>(type >> 8U), static_cast<std::uint8_t>(type)},
                payload);
}
Bytes cooked2(std::uint16_t type, const Bytes& payload) {
    return with({static_cast<std::uint8_t>(type >> 8U),
                 static_cast<std::uint8_t>(type),
                 0,
                 0,
                 0,
                 0,
                 0,
                 3,
                 0,
                 1,
                 4,
                 6,
                 2,
                 0,
                 0,
                 0,
                 0,
                 1,
                 0,
                 0},
                payload);
}

} // namespace

TEST_GROUP(Framing) {
    Framer framer;

    /// "192.0.2.1 -> 203.0.113.9 6 443", or why not.
    std::string flow_of(std::uint32_t link, const Bytes& bytes, std::uint32_t wire = 0) {
        const auto length = static_cast<std::uint32_t>(bytes.size());
        const auto framed = framer.frame({bytes, wire == 0 ? length : wire, 0, link, false});
        if (!framed.unjudged.empty()) return framed.unjudged;
        const auto& frame = framed.frame;
        const auto parsed = filter::parse(frame.bytes, frame.length, frame.wire_length);
        if (parsed.kind == filter::Kind::malformed) return "malformed";
        if (!parsed.is_ip()) return kind_of_not_ip(frame);
        const auto flow = filter::to_flow(parsed);
        return to_string(flow.source) + " -> " + to_string(flow.destination) + " " +
               std::to_string(flow.protocol) + " " +
               (flow.ports ? std::to_string(flow.ports->destination) : "-") +
               (framed.is_unsegmented ? " unsegmented" : "");
    }
    void is_ip4(std::uint32_t link, const Bytes& bytes) {
        STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443", flow_of(link, bytes).c_str());
    }
    void is_ip6(std::uint32_t link, const Bytes& bytes) {
        STRCMP_EQUAL("2001:db8::1 -> 2001:db8:bad::9 17 53", flow_of(link, bytes).c_str());
    }
    void says(const char* text, std::uint32_t link, const Bytes& bytes) {
        STRCMP_EQUAL(text, flow_of(link, bytes).c_str());
    }
};

TEST(Framing, ReadsEthernetAsItIs) {
    is_ip4(1, filter::packet().vlan(7).ipv4("192.0.2.1", "203.0.113.9").tcp(1, 443).bytes());
}

TEST(Framing, ReadsRawIpOfEveryNumber) {
    for (const std::uint32_t link : {12U, 14U, 101U}) {
        is_ip4(link, kIp4);
        is_ip6(link, kIp6);
        says("raw, and neither IPv4 nor IPv6", link, Bytes(40, 0x50));
    }
    is_ip4(228, kIp4);
    is_ip6(229, kIp6);
    says("malformed", 228, kIp6);
}

TEST(Framing, ReadsLinuxCooked) {
    is_ip4(113, cooked(1, 0x0800, kIp4));
    is_ip6(113, cooked(65534, 0x86DD, kIp6));
    is_ip4(113, cooked(1, 0x8100, with({0, 7, 8, 0}, kIp4))); // a tag in the payload
    is_ip4(276, cooked2(0x0800, kIp4));
    is_ip6(276, cooked2(0x86DD, kIp6));
    says("ARP", 113, cooked(1, 0x0806, Bytes(28)));
    says("ARP", 276, cooked2(0x0806, Bytes(28)));
    says("802.2 LLC (STP and others)", 113, cooked(1, 4, Bytes(40)));
    says("cooked: netlink", 113, cooked(824, 0, Bytes(40)));
    says("cooked: IEEE 802.11", 113, cooked(803, 0x0800, kIp4));
}

TEST(Framing, ReadsLoopbackOfEverySystem) {
    is_ip4(0, with({2, 0, 0, 0}, kIp4));
    is_ip4(0, with({0, 0, 0, 2}, kIp4));
    is_ip4(108, with({0, 0, 0, 2}, kIp4));
    for (const std::uint8_t family : std::initializer_list<std::uint8_t>{10, 23, 24, 28, 30}) {
        is_ip6(0, with({family, 0, 0, 0}, kIp6));
        is_ip6(0, with({0, 0, 0, family}, kIp6));
        is_ip6(108, with({0, 0, 0, family}, kIp6));
    }
    says("loopback with address family 7", 0, with({7, 0, 0, 0}, Bytes(40)));
}

TEST(Framing, ReadsPppWithAndWithoutHdlc) {
    for (const std::uint32_t link : {9U, 50U}) {
        is_ip4(link, with({0xFF, 0x03, 0x00, 0x21}, kIp4));
        is_ip4(link, with({0x00, 0x21}, kIp4));
        is_ip4(link, with({0x21}, kIp4)); // compressed (RFC 1661, 6.5)
        is_ip6(link, with({0xFF, 0x03, 0x00, 0x57}, kIp6));
        is_ip4(link, with({0x02, 0x81, 0x00, 0x01, 0x01, 0x40}, kIp4)); // under one label
        says("PPP other than IP", link, with({0xFF, 0x03, 0xC0, 0x21}, Bytes(20)));
        says("PPP other than IP", link, with({0xFF, 0x03, 0x00, 0x2D}, Bytes(20)));
    }
    is_ip4(204, with({1, 0xFF, 0x03, 0x00, 0x21}, kIp4));
    is_ip4(166, with({1, 0x03, 0x00, 0x21}, kIp4));
    is_ip4(51, with({0x11, 0, 0, 1, 0, static_cast<std::uint8_t>(kIp4.size() + 2), 0, 0x21}, kIp4));
}

TEST(Framing, ReadsCiscoHdlc) {
    for (const std::uint32_t link : {50U, 104U}) {
        is_ip4(link, with({0x0F, 0, 0x08, 0x00}, kIp4));
        is_ip6(link, with({0x8F, 0, 0x86, 0xDD}, kIp6));
        says("RARP", link, with({0x8F, 0, 0x80, 0x35}, Bytes(18))); // SLARP has its number
    }
    says("HDLC that is not Cisco's", 104, with({0xFF, 0x03, 0x00, 0x21}, kIp4));
}

TEST(Framing, NamesTheLinkTypeThatItDoesNotRead) {
    says("link type 105 (IEEE 802.11)", 105, Bytes(60));
    says("link type 999", 999, Bytes(60));
}

TEST(Framing, NeverReadsBeyondAHeaderThatIsCut) {
    for (const std::uint32_t link :
         {0U, 1U, 9U, 12U, 50U, 51U, 101U, 104U, 108U, 113U, 166U, 204U, 228U, 229U, 276U, 105U})
        for (std::size_t length = 0; length < 44; ++length) {
            const auto exact = std::make_unique<std::uint8_t[]>(length);
            for (std::size_t i = 0; i < length; ++i) exact[i] = static_cast<std::uint8_t>(0x45 + i);
            const auto framed = framer.frame({{exact.get(), length}, 1500, 0, link, false});
            if (framed.unjudged.empty() && framed.frame.length > 0)
                CHECK_FALSE(kind_of_not_ip(framed.frame).empty());
        }
}

TEST(Framing, BelievesNoLengthThatWraps) {
    const auto framed = framer.frame({kIp4, 0xFFFF'FFFF, 0, 228, false});
    CHECK_EQUAL(0xFFFF'FFFFU, framed.frame.wire_length);
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443", flow_of(228, kIp4, 0xFFFF'FFFF).c_str());
}

TEST(Framing, GivesAPacketWithoutLengthTheRestOfTheFrame) {
    auto segment = filter::packet().ipv4("192.0.2.1", "203.0.113.9").tcp(1, 443).raw(Bytes(9000));
    auto frame = segment.bytes();
    frame[16] = frame[17] = 0;
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443 unsegmented", flow_of(1, frame).c_str());
    frame.resize(96);
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443 unsegmented", flow_of(1, frame, 200'000).c_str());
    auto raw = kIp4;
    raw[2] = raw[3] = 0;
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443 unsegmented", flow_of(101, raw).c_str());
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443 unsegmented",
                 flow_of(113, cooked(1, 0x8100, with({0, 7, 8, 0}, raw))).c_str());
    STRCMP_EQUAL(
        "192.0.2.1 -> 203.0.113.9 6 443 unsegmented",
        flow_of(113, cooked(1, 0x8847, with({0, 0, 0x10, 64, 0, 0, 0x21, 64}, raw))).c_str());
    const Bytes session{0x11, 0, 0, 1, 0, static_cast<std::uint8_t>(raw.size() + 2), 0, 0x21};
    STRCMP_EQUAL("192.0.2.1 -> 203.0.113.9 6 443 unsegmented",
                 flow_of(113, cooked(1, 0x8864, with(session, raw))).c_str());
    auto big = kIp6;
    big[4] = big[5] = 0;
    STRCMP_EQUAL("2001:db8::1 -> 2001:db8:bad::9 17 53 unsegmented",
                 flow_of(229, big, 150'000).c_str());
    big[6] = 59; // no next header: there is nothing, and the rest is padding
    STRCMP_EQUAL("2001:db8::1 -> 2001:db8:bad::9 59 -", flow_of(229, big).c_str());
}

TEST(Framing, NamesWhatIsNotIpAndWhatMayHideIt) {
    const auto typed = [](std::uint16_t type, const Bytes& payload = Bytes(46)) {
        return filter::packet().vlan(7).ether(type).raw(payload).bytes();
    };
    says("LLDP", 1, typed(0x88CC));
    says("type 0x1234", 1, typed(0x1234));
    says("802.1ah (provider backbone), not looked into", 1, typed(0x88E7));
    says("Cisco MetaData (0x8909), not looked into", 1, typed(0x8909));
    says("802.1BR (0x893F), not looked into", 1, typed(0x893F));
    says("802.1AE (MACsec), not looked into", 1, typed(0x88E5));
    says("802.2 LLC (STP and others)", 1, typed(46, Bytes(46, 0x42)));
    says("IP in 802.2 SNAP, not looked into", 1,
         typed(60, with({0xAA, 0xAA, 0x03, 0, 0, 0, 0x08, 0x00}, kIp4)));
    says("802.2 SNAP", 1, typed(60, with({0xAA, 0xAA, 0x03, 0, 0, 0x0C, 0x20, 0x00}, Bytes(40))));
    auto tags = filter::packet();
    for (int i = 0; i < 9; ++i) tags.vlan(7);
    says("more than 8 VLAN tags, not looked into", 1, tags.ether(0x0800).raw(kIp4).bytes());
}
