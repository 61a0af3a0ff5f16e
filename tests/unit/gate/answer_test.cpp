// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/answer.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

std::vector<std::uint8_t> answer_to(const std::vector<std::uint8_t>& frame) {
    Answer answer;
    const auto size =
        answer_rejected(frame.data(), frame.size(), parse(frame.data(), frame.size()), answer);
    return {answer.begin(), answer.begin() + static_cast<long>(size)};
}

std::uint32_t word(const std::vector<std::uint8_t>& frame, std::size_t at) {
    return std::uint32_t{frame.at(at)} << 24U | std::uint32_t{frame.at(at + 1)} << 16U |
           std::uint32_t{frame.at(at + 2)} << 8U | frame.at(at + 3);
}

/// RFC 1071: over correct bytes, checksum included, the sum is all ones.
std::uint32_t ones_sum(const std::vector<std::uint8_t>& bytes, std::size_t from, std::size_t to,
                       std::uint32_t sum = 0) {
    for (auto i = from; i < to; i += 2)
        sum += static_cast<std::uint32_t>(bytes[i] << 8U) | (i + 1 < to ? bytes[i + 1] : 0U);
    while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return sum;
}

PacketBuilder client4() { return packet().ipv4("192.0.2.1", "203.0.113.9"); }
PacketBuilder client6() { return packet().ipv6("2001:db8::1", "2001:db8:5::9"); }

constexpr std::uint8_t kSyn = 2;
constexpr std::uint8_t kRst = 4;
constexpr std::uint8_t kAck = 16;
constexpr std::uint8_t kFin = 1;
constexpr std::uint8_t kSynAck = 18;
constexpr std::uint8_t kFinAck = 17;

void check_reset(PacketBuilder builder, std::uint8_t flags, std::size_t bytes) {
    constexpr std::uint32_t kTop = 0xFFFFFFFFU; // numbers wrap
    const auto sent = builder.tcp(40000, 5190, flags, kTop, 4711)
                          .raw(std::vector<std::uint8_t>(bytes, 0xAA))
                          .padded(80);
    const auto old = parse(sent.data(), sent.size());
    const auto answer = answer_to(sent);
    const auto parsed = parse(answer.data(), answer.size());
    CHECK_TRUE(parsed.source == old.destination && parsed.destination == old.source);
    CHECK_EQUAL(old.transport + 20U, answer.size());
    const auto length =
        static_cast<std::uint32_t>(bytes) + ((flags & (kSyn | kFin)) != 0 ? 1U : 0U);
    const bool acknowledges = (flags & kAck) != 0;
    CHECK_EQUAL(acknowledges ? 4711U : 0U, word(answer, old.transport + 4));
    CHECK_EQUAL(acknowledges ? 0U : kTop + length, word(answer, old.transport + 8));
    CHECK_EQUAL(acknowledges ? int{kRst} : kRst | kAck, answer.at(old.transport + 13));
}

} // namespace

TEST_GROUP(Answer){};

TEST(Answer, ResetsASynWithTheNumberItExpects) {
    const auto answer = answer_to(client4().tcp(40000, 5190, kSyn, 1000).padded(60));
    const auto parsed = parse(answer.data(), answer.size());
    CHECK_EQUAL(Kind::ipv4, parsed.kind);
    STRCMP_EQUAL("203.0.113.9", to_string(to_flow(parsed).source).c_str());
    CHECK_EQUAL(5190, parsed.source_port);
    CHECK_EQUAL(40000, parsed.destination_port);
    CHECK_EQUAL(0U, word(answer, 38));    // SEQ
    CHECK_EQUAL(1001U, word(answer, 42)); // ACK: padding does not count, SYN does
    CHECK_EQUAL(kRst | kAck, answer.at(47));
    CHECK_EQUAL(0x02, answer.at(5)); // to the MAC it came from
    CHECK_EQUAL(0x01, answer.at(11));
}

TEST(Answer, ResetsAnOpenConnectionAtItsAcknowledgement) {
    const auto answer = answer_to(client4().tcp(40000, 5190, kAck, 1000, 0xFFFFFFF0U).bytes());
    CHECK_EQUAL(0xFFFFFFF0U, word(answer, 38));
    CHECK_EQUAL(kRst, answer.at(47));
}

// RFC 9293, 3.5.2: the flags and the length of a segment say what the answer must be.
TEST(Answer, HasTheNumbersThatEverySegmentExpectsInBothDirections) {
    constexpr std::array<std::uint8_t, 6> kFlags{0, kSyn, kFin, kAck, kSynAck, kFinAck};
    for (const auto flags : kFlags)
        for (const std::size_t bytes : {0U, 5U}) {
            check_reset(client4(), flags, bytes);
            check_reset(packet().ipv4("203.0.113.9", "192.0.2.1"), flags, bytes);
            check_reset(client6(), flags, bytes);
            check_reset(packet().ipv6("2001:db8:5::9", "2001:db8::1"), flags, bytes);
        }
}

TEST(Answer, HasRightChecksums) {
    const auto reset = answer_to(client4().tcp(40000, 5190).bytes());
    CHECK_EQUAL(0xFFFFU, ones_sum(reset, 14, 34));
    CHECK_EQUAL(0xFFFFU, ones_sum(reset, 26, reset.size(), 6 + 20));
    const auto reset6 = answer_to(client6().tcp(40000, 5190).bytes());
    CHECK_EQUAL(0xFFFFU, ones_sum(reset6, 22, reset6.size(), 6 + 20));
    const auto error = answer_to(client4().udp(1, 53).raw({1}).bytes());
    CHECK_EQUAL(0xFFFFU, ones_sum(error, 34, error.size()));
    const auto error6 = answer_to(client6().udp(1, 53).bytes());
    const auto length = static_cast<std::uint32_t>(error6.size() - 54);
    CHECK_EQUAL(0xFFFFU, ones_sum(error6, 22, error6.size(), 58 + length));
}

TEST(Answer, SaysAdministrativelyProhibitedToEverythingElse) {
    const auto error = answer_to(client4().udp(1, 53).bytes());
    CHECK_EQUAL(3, error.at(34));
    CHECK_EQUAL(13, error.at(35));
    CHECK_EQUAL(0x45, error.at(42)); // the packet it is about
    const auto error6 = answer_to(client6().icmp(128).bytes());
    CHECK_EQUAL(1, error6.at(54));
    CHECK_EQUAL(1, error6.at(55));
}

TEST(Answer, KeepsVlanTags) {
    const auto answer =
        answer_to(packet().vlan(7).ipv4("192.0.2.1", "203.0.113.9").tcp(1, 2).bytes());
    CHECK_EQUAL(0x81, answer.at(12));
    CHECK_EQUAL(7, answer.at(15));
}

TEST(Answer, StaysInItsPppoeSession) {
    for (const bool compressed : {false, true}) {
        const auto sent = packet().vlan(7).pppoe(0x1234, compressed);
        const auto ipv4 = PacketBuilder(sent).ipv4("192.0.2.1", "203.0.113.9");
        const auto ipv6 = PacketBuilder(sent).ipv6("2001:db8::1", "2001:db8:5::9");
        for (const auto& frame : {PacketBuilder(ipv4).tcp(1, 2).padded(80),
                                  PacketBuilder(ipv4).udp(1, 2).raw({1, 2, 3}).bytes(),
                                  PacketBuilder(ipv6).udp(1, 2).padded(90)}) {
            const auto answer = answer_to(frame);
            const auto parsed = parse(answer.data(), answer.size());
            CHECK_TRUE(parsed.is_ip());
            CHECK_EQUAL(18U, parsed.session);
            CHECK_EQUAL(answer.size(), parsed.end);
            CHECK_EQUAL(answer.size() - 24, answer.at(22) * 256U + answer.at(23));
            CHECK_EQUAL(0x12, answer.at(20));
            CHECK_EQUAL(0x34, answer.at(21));
        }
    }
}

TEST(Answer, IsNotDueUnderALabelStack) {
    CHECK_TRUE(
        answer_to(packet().mpls(2).ipv4("192.0.2.1", "203.0.113.9").tcp(1, 2).bytes()).empty());
}

TEST(Answer, QuotesNoMoreThanAnErrorMayCarry) {
    const auto error = answer_to(client4().udp(1, 2).raw(std::vector<std::uint8_t>(1400)).bytes());
    CHECK_EQUAL(14 + 576U, error.size());
}

TEST(Answer, IsNotDueToResetsErrorsFragmentsAndGroups) {
    CHECK_TRUE(answer_to(client4().tcp(1, 2, kRst).bytes()).empty());
    CHECK_TRUE(answer_to(client4().icmp(3).bytes()).empty());
    CHECK_TRUE(answer_to(client6().icmp(1).bytes()).empty());
    CHECK_TRUE(answer_to(client6().icmp(137).bytes()).empty()); // a redirect
    CHECK_TRUE(answer_to(packet().ipv6("2001:db8::1", "ff0e::1").udp(1, 2).bytes()).empty());
    CHECK_TRUE(answer_to(client4().protocol(1).bytes()).empty());
    CHECK_TRUE(answer_to(client4().protocol(6).raw({0, 1, 0, 2}).bytes()).empty());
    CHECK_TRUE(
        answer_to(packet().ipv4("192.0.2.1", "203.0.113.9", 0x2000).udp(1, 2).bytes()).empty());
    CHECK_TRUE(answer_to(packet().ipv4("192.0.2.1", "224.0.0.1").udp(1, 2).bytes()).empty());
    CHECK_TRUE(answer_to(packet().ipv4("0.0.0.0", "203.0.113.9").udp(1, 2).bytes()).empty());
    CHECK_TRUE(answer_to(packet().ipv6("::", "2001:db8::1").udp(1, 2).bytes()).empty());
}
