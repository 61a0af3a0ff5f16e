// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/checksum.hpp"

#include <cstring>
#include <memory>

#include "dataplane/filter/parse.hpp"
#include "tests/unit/filter/packet.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// The innermost IP packet.
Parsed innermost(const Bytes& frame) {
    auto parsed = parse(frame.data(), frame.size());
    for (auto inner = parsed; inner.is_ip();
         inner = parse_inner(frame.data(), frame.size(), parsed))
        parsed = inner;
    return parsed;
}

/// RFC 1071 byte by byte, pseudo header included; 0xFFFF for a datagram whose checksum is right.
unsigned sum_over(const Bytes& frame, const Parsed& parsed, bool with_datagram) {
    const std::size_t length = parsed.end - parsed.transport;
    const auto addresses = parsed.network + (parsed.kind == Kind::ipv4 ? 12U : 8U);
    const auto bytes = parsed.kind == Kind::ipv4 ? 8U : 32U;
    std::uint64_t sum = parsed.protocol + length;
    const auto add = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i)
            sum += (i - from) % 2 == 0 ? unsigned{frame[i]} << 8U : unsigned{frame[i]};
    };
    add(addresses, addresses + bytes);
    if (with_datagram) add(parsed.transport, parsed.end);
    while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<unsigned>(sum);
}

/// As a sender leaves it whose checksum is to be made by hardware.
Bytes left_open(Bytes frame) {
    const auto parsed = innermost(frame);
    const auto field = parsed.transport + (parsed.protocol == 6 ? 16U : 6U);
    const auto sum = sum_over(frame, parsed, false);
    frame[field] = static_cast<std::uint8_t>(sum >> 8U);
    frame[field + 1] = static_cast<std::uint8_t>(sum);
    return frame;
}

bool completes(Bytes frame) {
    frame = left_open(std::move(frame));
    const auto parsed = innermost(frame);
    return complete_checksum(frame.data(), frame.size()) &&
           sum_over(frame, parsed, true) == 0xFFFFU &&
           !complete_checksum(frame.data(), frame.size());
}

const Bytes kOdd{'o', 'd', 'd'};

} // namespace

TEST_GROUP(Checksum){};

TEST(Checksum, LeftOpenIsCompletedInBothFamilies) {
    CHECK_TRUE(
        completes(packet().ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).raw(kOdd).bytes()));
    CHECK_TRUE(
        completes(packet().ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53).raw(kOdd).bytes()));
    CHECK_TRUE(
        completes(packet().ipv6("2001:db8::1", "2001:db8::2").tcp(40000, 443).raw(kOdd).bytes()));
    CHECK_TRUE(
        completes(packet().ipv6("2001:db8::1", "2001:db8::2").udp(40000, 53).raw(kOdd).bytes()));
    CHECK_TRUE(completes(
        packet().ipv6("2001:db8::1", "2001:db8::2").extension(60).tcp(40000, 443).bytes()));
    CHECK_TRUE(completes(packet().ipv4("192.0.2.1", "203.0.113.9", 0, 2).tcp(40000, 443).bytes()));
}

TEST(Checksum, LeftOpenIsCompletedBehindTagsSessionsLabelsAndTunnels) {
    const auto tcp = [](PacketBuilder link) {
        return link.ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).raw(kOdd).bytes();
    };
    CHECK_TRUE(completes(tcp(packet().vlan(7))));
    CHECK_TRUE(completes(tcp(packet().tag(0x88A8, 3).vlan(7))));
    CHECK_TRUE(completes(tcp(packet().pppoe())));
    CHECK_TRUE(completes(tcp(packet().vlan(7).pppoe())));
    CHECK_TRUE(completes(tcp(packet().mpls(2))));
    CHECK_TRUE(completes(tcp(packet().ipv4("192.0.2.7", "192.0.2.8").gre())));
    CHECK_TRUE(completes(tcp(packet().ipv4("192.0.2.7", "192.0.2.8").vxlan())));
    CHECK_TRUE(completes(tcp(packet().ipv6("2001:db8::7", "2001:db8::8"))));
}

TEST(Checksum, PaddingBehindTheDatagramIsNotSummed) {
    auto frame = left_open(packet().ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).bytes());
    auto padded = frame;
    padded.resize(60, 0xEE);
    CHECK_TRUE(complete_checksum(frame.data(), frame.size()));
    CHECK_TRUE(complete_checksum(padded.data(), padded.size()));
    MEMCMP_EQUAL(frame.data(), padded.data(), frame.size());
}

TEST(Checksum, OfUdpThatComesOutAsNoneIsWrittenAsAllOnes) {
    auto frame = packet().ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53).raw({0, 0}).bytes();
    const auto parsed = innermost(frame);
    auto rest = 0xFFFFU - sum_over(frame, parsed, true); // what makes the sum all ones
    frame[frame.size() - 2] = static_cast<std::uint8_t>(rest >> 8U);
    frame[frame.size() - 1] = static_cast<std::uint8_t>(rest);
    frame = left_open(frame);
    CHECK_TRUE(complete_checksum(frame.data(), frame.size()));
    CHECK_EQUAL(0xFF, frame[parsed.transport + 6]);
    CHECK_EQUAL(0xFF, frame[parsed.transport + 7]);
}

TEST(Checksum, OfSctpIsACrcLeftOpenAsZero) {
    auto frame = packet().ipv4("192.0.2.1", "203.0.113.9").sctp(5000, 5001).bytes();
    const auto parsed = innermost(frame);
    std::memcpy(frame.data() + parsed.transport, "123456789\0\0\0", 12);
    std::memset(frame.data() + parsed.transport + 8, 0, 4);
    CHECK_TRUE(complete_checksum(frame.data(), frame.size()));
    CHECK_FALSE(complete_checksum(frame.data(), frame.size()));
    // CRC-32C of "12345678" and four zeros.
    const std::uint8_t expected[4] = {0x3F, 0xA4, 0xCF, 0xD1};
    MEMCMP_EQUAL(expected, frame.data() + parsed.transport + 8, 4);
}

TEST(Checksum, ThatIsThereRightOrWrongStaysAsItCame) {
    const auto untouched = [](Bytes frame) {
        const auto before = frame;
        return !complete_checksum(frame.data(), frame.size()) && frame == before;
    };
    CHECK_TRUE(untouched(packet().ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).bytes()));
    CHECK_TRUE(untouched(packet().ipv4("192.0.2.1", "203.0.113.9").udp(40000, 53).bytes()));
    CHECK_TRUE(untouched(packet().ipv4("192.0.2.1", "203.0.113.9").icmp(8).bytes()));
    CHECK_TRUE(untouched(packet().ether(0x0806).padded(60)));
    auto wrong = left_open(packet().ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).bytes());
    wrong[innermost(wrong).transport + 16] ^= 0x40U;
    CHECK_TRUE(untouched(wrong));
}

TEST(Checksum, OfAFragmentIsNotTouched) {
    auto frame = left_open(
        packet().ipv4("192.0.2.1", "203.0.113.9", 0x2000).udp(40000, 53).raw(kOdd).bytes());
    CHECK_FALSE(complete_checksum(frame.data(), frame.size()));
}

TEST(Checksum, IsSafeWhereverAFrameEnds) {
    const auto whole = left_open(packet()
                                     .vlan(7)
                                     .ipv4("192.0.2.7", "192.0.2.8")
                                     .vxlan()
                                     .ipv6("2001:db8::1", "2001:db8::2")
                                     .tcp(40000, 443)
                                     .raw(kOdd)
                                     .bytes());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto piece = std::make_unique<std::uint8_t[]>(size); // a sanitizer sees its end
        std::memcpy(piece.get(), whole.data(), size);
        CHECK_FALSE(complete_checksum(piece.get(), size));
    }
}
