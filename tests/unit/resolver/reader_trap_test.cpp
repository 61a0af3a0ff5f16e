// SPDX-License-Identifier: Apache-2.0
// What hostile or broken servers send. None of it may yield an address the chain does not own.
#include "resolver/reader.hpp"

#include "tests/unit/resolver/reading.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;

namespace {

std::string hop(int number) { return "h" + std::to_string(number) + ".example.com"; }

AnswerMessage chain_of(int hops) {
    auto message = answer(kName).cname(kName, 60, hop(1));
    for (int i = 1; i < hops; ++i) message.cname(hop(i), 60, hop(i + 1));
    return message.a(hop(hops), 60, "192.0.2.1");
}

void check_malformed(const Answer& read) {
    STRCMP_EQUAL("MALFORMED", outcome(read).c_str());
    CHECK_EQUAL(0U, read.addresses.size());
    CHECK_EQUAL(0U, read.chain.size());
    CHECK_EQUAL(0U, read.ttl);
}

// Every prefix of `octets` must be malformed; the whole must not.
void check_every_cut(const Octets& octets, const Question& question) {
    CHECK_FALSE(read_answer(octets, question).outcome == Outcome::malformed);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        const Octets cut(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
        check_malformed(read_answer(cut, question));
    }
}

} // namespace

TEST_GROUP(ReaderTrap){};

TEST(ReaderTrap, AnAddressBeforeItsCnameIsFound) {
    const auto answered = read(answer(kName)
                                   .a("b.example.com", 60, "192.0.2.1")
                                   .cname("a.example.com", 60, "b.example.com")
                                   .cname(kName, 60, "a.example.com"));
    STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
    STRCMP_EQUAL("a.example.com b.example.com", joined(answered.chain).c_str());
}

TEST(ReaderTrap, ACnameOwnedByAnotherNameIsNotFollowed) {
    const auto answered = read(answer(kName)
                                   .cname("other.example.com", 60, "victim.example.net")
                                   .a("victim.example.net", 60, "198.51.100.1"));
    STRCMP_EQUAL("NODATA", outcome(answered).c_str());
    CHECK_EQUAL(0U, answered.addresses.size());
}

TEST(ReaderTrap, AnAddressOwnedByAnotherNameIsNotTaken) {
    const auto answered =
        read(answer(kName).a(kName, 60, "192.0.2.1").a("victim.example.net", 60, "198.51.100.1"));
    STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
}

TEST(ReaderTrap, AddressesAtAnAliasAreNotTaken) {
    const auto answered = read(answer(kName)
                                   .cname(kName, 60, "a.example.com")
                                   .a(kName, 60, "198.51.100.1")
                                   .a("a.example.com", 60, "192.0.2.1"));
    STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
}

TEST(ReaderTrap, AStarSpaceOrDotInATargetHarmsNothing) {
    for (const auto* target : {"*.example.com", "a b.example.com", "\xC3\xBC.example.com"}) {
        const auto answered =
            read(answer(kName).cname(kName, 60, target).a(target, 60, "192.0.2.1"));
        STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
    }
    Octets dotted = {3, 'a', '.', 'b', 3, 'c', 'o', 'm', 0};
    const auto answered = read(answer(kName)
                                   .record(name_octets(kName), 5, 60, dotted)
                                   .record(dotted, 1, 60, address_octets("192.0.2.1")));
    STRCMP_EQUAL("a\\.b.com", joined(answered.chain).c_str());
    STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
}

TEST(ReaderTrap, ControlOctetsInATargetAreEscaped) {
    const auto answered = read(answer(kName).cname(kName, 60, "\x1b[31m\n.example.com"));
    STRCMP_EQUAL("\\027[31m\\010.example.com", joined(answered.chain).c_str());
}

TEST(ReaderTrap, ALoopIsMalformed) {
    check_malformed(read(answer(kName).cname(kName, 60, kName)));
    check_malformed(read(answer(kName)
                             .cname(kName, 60, "a.example.com")
                             .cname("a.example.com", 60, kName)
                             .a(kName, 60, "192.0.2.1")));
}

TEST(ReaderTrap, AChainOfSixteenIsReadAndOneOfThirtyIsNot) {
    CHECK_EQUAL(16U, read(chain_of(16)).chain.size());
    STRCMP_EQUAL("192.0.2.1", joined(read(chain_of(16)).addresses).c_str());
    check_malformed(read(chain_of(17)));
    check_malformed(read(chain_of(30)));
}

TEST(ReaderTrap, TwoTargetsOfOneAliasAreMalformed) {
    check_malformed(read(answer(kName)
                             .cname(kName, 60, "a.example.com")
                             .cname(kName, 60, "b.example.com")
                             .a("a.example.com", 60, "192.0.2.1")));
}

TEST(ReaderTrap, HundredsOfCnamesAreMalformed) {
    auto message = answer(kName);
    for (int i = 0; i < 65; ++i) message.cname(hop(i), 60, "x.example.com");
    check_malformed(read(message.a(kName, 60, "192.0.2.1")));
}

TEST(ReaderTrap, ACompressionLoopIsMalformed) {
    auto self = answer(kName);
    const auto at = static_cast<std::uint8_t>(self.octets().size());
    check_malformed(read(self.record({0xC0, at}, 1, 60, address_octets("192.0.2.1"))));
    auto pair = answer(kName);
    check_malformed(read(pair.record({1, 'a', 0xC0, at}, 1, 60, address_octets("192.0.2.1"))));
    auto forward = answer(kName);
    check_malformed(
        read(forward.record({0xC0, static_cast<std::uint8_t>(at + 12)}, 1, 60, {1, 'a', 0, 0})));
}

TEST(ReaderTrap, ALadderOfPointersEnds) {
    auto message = answer(kName);
    Octets ladder;
    auto rung = static_cast<unsigned>(message.octets().size()) + 11;
    for (unsigned to = 12; ladder.size() < 140; to = rung, rung += 2) put_u16(ladder, 0xC000 | to);
    const auto top = rung - 2;
    message.record({0}, 16, 60, ladder);
    Octets owner;
    put_u16(owner, 0xC000 | top);
    check_malformed(read(message.record(owner, 1, 60, address_octets("192.0.2.1"))));
}

TEST(ReaderTrap, ANameOver255OctetsIsMalformed) {
    std::string longest;
    for (int i = 0; i < 5; ++i) longest += std::string(60, 'a') + ".";
    check_malformed(read(answer(kName).a(longest + "com", 60, "192.0.2.1")));
}

TEST(ReaderTrap, AnAddressOfTheWrongSizeIsMalformed) {
    check_malformed(read(answer(kName).record(name_octets(kName), 1, 60, {192, 0, 2})));
    check_malformed(read(answer(kName).record(name_octets(kName), 1, 60, {192, 0, 2, 1, 0})));
    check_malformed(
        read(answer(kName, RrType::aaaa).record(name_octets(kName), 28, 60, {192, 0, 2, 1}),
             RrType::aaaa));
}

TEST(ReaderTrap, ATtlWithItsTopBitSetIsZero) {
    CHECK_EQUAL(0U, read(answer(kName).a(kName, 0x80000000, "192.0.2.1")).ttl);
    CHECK_EQUAL(0x7FFFFFFFU, read(answer(kName).a(kName, 0x7FFFFFFF, "192.0.2.1")).ttl);
}

TEST(ReaderTrap, RecordsOfAnotherClassAreNotTaken) {
    const auto answered =
        read(answer(kName).record(name_octets(kName), 1, 60, address_octets("192.0.2.1"), 0, 3));
    STRCMP_EQUAL("NODATA", outcome(answered).c_str());
}

TEST(ReaderTrap, AddressesOutsideTheAnswerSectionAreNotTaken) {
    auto message = answer(kName);
    message.record(name_octets(kName), 1, 60, address_octets("192.0.2.1"), 2);
    CHECK_EQUAL(0U, read(message).addresses.size());
}

TEST(ReaderTrap, AnotherQuestionIsMalformed) {
    check_malformed(read(answer("www.example.net").a(kName, 60, "192.0.2.1")));
    check_malformed(read(answer(kName, RrType::aaaa).a(kName, 60, "192.0.2.1")));
    check_malformed(read(answer(kName, RrType::a, 0x0180).a(kName, 60, "192.0.2.1"))); // no QR
    check_malformed(read(answer(kName, RrType::a, 0xA180).a(kName, 60, "192.0.2.1"))); // NOTIFY
}

TEST(ReaderTrap, TheCaseOfTheQuestionDoesNotMatterHere) {
    STRCMP_EQUAL(
        "192.0.2.1",
        joined(read(answer("wWw.eXample.COM").a("WWW.example.com", 60, "192.0.2.1")).addresses)
            .c_str());
}

TEST(ReaderTrap, AnNxdomainBringsNoAddresses) {
    const auto lie = read(answer(kName, RrType::a, 0x8183).a(kName, 60, "192.0.2.1"));
    STRCMP_EQUAL("NXDOMAIN", outcome(lie).c_str());
    CHECK_EQUAL(0U, lie.addresses.size());
}

TEST(ReaderTrap, HttpsParametersOutOfOrderOrShortAreMalformed) {
    const auto https = [](const Octets& rdata) {
        return read(answer(kName, RrType::https).record(name_octets(kName), 65, 60, rdata),
                    RrType::https);
    };
    check_malformed(https({0, 1, 0, 0, 6, 0, 0, 0, 4, 0, 4, 192, 0, 2, 1}));
    check_malformed(https({0, 1, 0, 0, 4, 0, 3, 192, 0, 2}));
    check_malformed(https({0, 1, 0, 0, 4, 0, 8, 192, 0, 2, 1}));
    check_malformed(https({0, 1, 0, 0, 4, 0}));
}

TEST(ReaderTrap, OptionsThatDoNotFillTheirRecordAreMalformed) {
    for (const Octets& rdata : {Octets{0}, Octets{0, 15, 0}, Octets{0, 15, 0, 3, 0, 15},
                                Octets{0, 15, 0, 2, 0, 15, 0}, Octets{0, 8, 255, 255}})
        check_malformed(
            read(answer(kName).a(kName, 60, "192.0.2.1").record({0}, 41, 0, rdata, 2, 1232)));
    const auto malformed =
        read(answer(kName).extended_error(15).opt().record({0}, 41, 0, {0}, 2, 1232));
    CHECK_FALSE(malformed.extended_error.has_value());
}

TEST(ReaderTrap, AnExtendedErrorOfOneOctetIsNone) {
    CHECK_FALSE(read(answer(kName).option(15, {15}).opt()).extended_error.has_value());
}

TEST(ReaderTrap, TwoOptRecordsAreMalformed) {
    check_malformed(read(answer(kName).a(kName, 60, "192.0.2.1").opt().opt()));
}

TEST(ReaderTrap, AFloodOfAddressesIsReadAsItIs) { // what to do is the guard's
    auto message = answer(kName);
    Octets at;
    put_u16(at, 0xC00C);
    for (unsigned i = 0; i < 4000; ++i) // 65,535 octets hold no more
        message.record(at, 1, 0,
                       {198, 18, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)});
    auto& octets = message.octets();
    octets[6] = 4000 >> 8U;
    octets[7] = 4000 & 0xFFU;
    CHECK_TRUE(octets.size() <= 65535);
    const auto flood = read(message);
    CHECK_EQUAL(4000U, flood.addresses.size());
    CHECK_EQUAL(0U, flood.ttl);
    octets[6] = 10000 >> 8U; // more than there are
    octets[7] = 10000 & 0xFFU;
    check_malformed(read(message));
}

TEST(ReaderTrap, AnAnswerThatClaimsManyRecordsMakesNoRoomForThem) {
    auto message = answer(kName).a(kName, 60, "192.0.2.1");
    message.octets()[6] = message.octets()[7] = 0xFF;
    check_malformed(read(message));
}

TEST(ReaderTrap, APointerForwardIsMalformedEvenIfItLeadsToTheRightName) {
    auto message = answer(kName);
    const auto behind = static_cast<unsigned>(message.octets().size()) + 2 + 10 + 4;
    Octets owner;
    put_u16(owner, 0xC000 | behind);
    check_malformed(
        read(message.record(owner, 1, 60, address_octets("192.0.2.1")).a(kName, 60, "192.0.2.2")));
}

TEST(ReaderTrap, EveryTruncatedPrefixIsMalformed) {
    auto addresses = answer(kName).a(kName, 60, "192.0.2.1").a(kName, 60, "192.0.2.2").opt();
    check_every_cut(addresses.octets(), {kName, RrType::a});
    auto chain = chain_of(5).opt();
    check_every_cut(chain.octets(), {kName, RrType::a});
    auto ipv6 = answer(kName, RrType::aaaa).aaaa(kName, 60, "2001:db8::1").extended_error(3).opt();
    check_every_cut(ipv6.octets(), {kName, RrType::aaaa});
    auto cname = answer(kName, RrType::cname).cname(kName, 60, "a.example.com");
    check_every_cut(cname.octets(), {kName, RrType::cname});
    Octets service = {0, 5, 0, 10, 0x14, 0x66};
    put_name(service, "xmpp.example.com");
    auto srv = answer(kName, RrType::srv).record(name_octets(kName), 33, 60, service).opt();
    check_every_cut(srv.octets(), {kName, RrType::srv});
    const Octets hints = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2', 0, 4, 0, 4, 192, 0, 2, 8};
    auto https = answer(kName, RrType::https).record(name_octets(kName), 65, 60, hints);
    https.option(8, {0, 1, 24, 0, 198, 51, 100}).opt();
    check_every_cut(https.octets(), {kName, RrType::https});
    auto negative = answer(kName, RrType::a, 0x8183).soa("example.com", 60, 60).opt();
    check_every_cut(negative.octets(), {kName, RrType::a});
}
