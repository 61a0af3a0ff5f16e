// SPDX-License-Identifier: Apache-2.0
#include "resolver/reader.hpp"

#include "tests/unit/resolver/reading.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;

TEST_GROUP(Reader){};

TEST(Reader, ReadsAddressesInTheOrderOfTheMessage) {
    const auto answered =
        read(answer(kName).a(kName, 60, "192.0.2.9").a(kName, 60, "192.0.2.1").opt());
    STRCMP_EQUAL("NOERROR", outcome(answered).c_str());
    STRCMP_EQUAL("192.0.2.9 192.0.2.1", joined(answered.addresses).c_str());
    CHECK_EQUAL(60U, answered.ttl);
}

TEST(Reader, ReadsIpv6) {
    const auto answered =
        read(answer(kName, RrType::aaaa).aaaa(kName, 30, "2001:db8::1"), RrType::aaaa);
    STRCMP_EQUAL("2001:db8::1", joined(answered.addresses).c_str());
}

TEST(Reader, FollowsAChainAndTakesItsLowestTtl) {
    const auto answered = read(answer(kName)
                                   .cname(kName, 300, "a.cdn.example")
                                   .cname("a.cdn.example", 20, "b.cdn.example")
                                   .a("b.cdn.example", 60, "192.0.2.1"));
    STRCMP_EQUAL("a.cdn.example b.cdn.example", joined(answered.chain).c_str());
    STRCMP_EQUAL("192.0.2.1", joined(answered.addresses).c_str());
    CHECK_EQUAL(20U, answered.ttl);
}

TEST(Reader, FollowsCompressedNames) {
    auto message = answer(kName);
    message.record({0xC0, 12}, 5, 60, {3, 'c', 'd', 'n', 0xC0, 16}); // cdn.example.com
    message.record({3, 'C', 'D', 'N', 0xC0, 16}, 1, 60, address_octets("192.0.2.7"));
    const auto answered = read(message);
    STRCMP_EQUAL("cdn.example.com", joined(answered.chain).c_str());
    STRCMP_EQUAL("192.0.2.7", joined(answered.addresses).c_str());
}

TEST(Reader, TakesNothingOverFromTheMessageBefore) {
    const auto rich = answer(kName, RrType::a, 0x85A0)
                          .cname(kName, 300, "a.cdn.example")
                          .a("a.cdn.example", 20, "192.0.2.1")
                          .opt()
                          .octets();
    const Question question{kName, RrType::a};
    Reading reading;
    read_message(rich, question, reading);
    reading.answer.server = 1;
    reading.answer.resolver = "192.0.2.53:53";
    reading.answer.tries = 3;
    CHECK_EQUAL(1U, reading.answer.addresses.size());
    read_message({}, question, reading);
    STRCMP_EQUAL("MALFORMED", outcome(reading.answer).c_str());
    const auto& left = reading.answer;
    CHECK_TRUE(left.chain.empty() && left.addresses.empty() && left.question.name.empty());
    CHECK_TRUE(left.resolver.empty() && !left.server && left.tries == 0 && left.ttl == 0);
    CHECK_FALSE(left.authoritative || left.authenticated || reading.edns || reading.truncated);
}

TEST(Reader, TellsNodataFromNxdomain) {
    const auto nodata = read(answer(kName).soa("example.com", 900, 60));
    STRCMP_EQUAL("NODATA", outcome(nodata).c_str());
    CHECK_EQUAL(60U, nodata.ttl);
    const auto nxdomain = read(answer(kName, RrType::a, 0x8183).soa("example.com", 30, 60));
    STRCMP_EQUAL("NXDOMAIN", outcome(nxdomain).c_str());
    CHECK_EQUAL(30U, nxdomain.ttl);
}

TEST(Reader, KeepsTheChainOfANegativeAnswer) {
    const auto nxdomain = read(answer(kName, RrType::a, 0x8183)
                                   .cname(kName, 300, "gone.example.com")
                                   .soa("example.com", 900, 60));
    STRCMP_EQUAL("NXDOMAIN", outcome(nxdomain).c_str());
    STRCMP_EQUAL("gone.example.com", joined(nxdomain.chain).c_str());
}

TEST(Reader, BelievesNoTtlOfAForeignSoa) {
    CHECK_EQUAL(0U, read(answer(kName).soa("example.net", 900, 900)).ttl);
}

TEST(Reader, TellsTheFailuresApart) {
    STRCMP_EQUAL("RCODE", outcome(read(answer(kName, RrType::a, 0x8181))).c_str());
    STRCMP_EQUAL("SERVFAIL", outcome(read(answer(kName, RrType::a, 0x8182))).c_str());
    STRCMP_EQUAL("RCODE", outcome(read(answer(kName, RrType::a, 0x8184))).c_str());
    STRCMP_EQUAL("REFUSED", outcome(read(answer(kName, RrType::a, 0x8185))).c_str());
}

TEST(Reader, ReadsTheUpperBitsOfTheRcode) {
    const auto badvers = read(answer(kName).opt(1)); // 16, whose low bits look like NOERROR
    STRCMP_EQUAL("RCODE", outcome(badvers).c_str());
}

TEST(Reader, TakesAReferralForARefusal) {
    auto referral = answer(kName, RrType::a, 0x8100);
    referral.record(name_octets("example.com"), 2, 60, name_octets("ns.example.com"), 1);
    STRCMP_EQUAL("REFUSED", outcome(read(referral)).c_str());
}

TEST(Reader, TakesAChainLeftUnfinishedForARefusal) {
    const auto left = read(answer(kName, RrType::a, 0x8500).cname(kName, 60, "far.example.net"));
    STRCMP_EQUAL("REFUSED", outcome(left).c_str());
}

TEST(Reader, ReadsSrvTargets) {
    Octets rdata;
    for (const unsigned field : {5U, 10U, 5222U}) put_u16(rdata, field);
    put_name(rdata, "XMPP.example.com");
    const auto answered = read(answer(kName, RrType::srv)
                                   .record(name_octets(kName), 33, 60, rdata)
                                   .record(name_octets(kName), 33, 60, {0, 0, 0, 0, 0, 0, 0}),
                               RrType::srv);
    CHECK_EQUAL(1U, answered.targets.size());
    CHECK_TRUE((answered.targets[0] == SrvTarget{"xmpp.example.com", 5222, 5, 10}));
}

TEST(Reader, ReadsHintsOfServiceBindings) {
    Octets rdata = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2', 0, 4, 0, 4, 192, 0, 2, 8, 0, 6, 0, 16};
    const auto v6 = address_octets("2001:db8::8");
    rdata.insert(rdata.end(), v6.begin(), v6.end());
    for (const auto type : {RrType::svcb, RrType::https}) {
        const auto number = static_cast<std::uint16_t>(type);
        const auto answered =
            read(answer(kName, type).record(name_octets(kName), number, 60, rdata), type);
        STRCMP_EQUAL("NOERROR", outcome(answered).c_str());
        STRCMP_EQUAL("192.0.2.8 2001:db8::8", joined(answered.hints).c_str());
        CHECK_EQUAL(0U, answered.addresses.size());
    }
}

TEST(Reader, AnswersACnameQuestionWithOneHop) {
    const auto answered =
        read(answer(kName, RrType::cname).cname(kName, 60, "t.example.com"), RrType::cname);
    STRCMP_EQUAL("NOERROR", outcome(answered).c_str());
    STRCMP_EQUAL("t.example.com", joined(answered.chain).c_str());
}

TEST(Reader, ReportsAdAndAa) {
    const auto plain = read(answer(kName).a(kName, 1, "192.0.2.1"));
    CHECK_FALSE(plain.authenticated);
    CHECK_FALSE(plain.authoritative);
    const auto both = read(answer(kName, RrType::a, 0x85A0).a(kName, 1, "192.0.2.1"));
    CHECK_TRUE(both.authenticated);
    CHECK_TRUE(both.authoritative);
}

TEST(Reader, SaysWhenToAskAgainOverTcp) {
    auto message = answer(kName, RrType::a, 0x8380).a(kName, 60, "192.0.2.1");
    const auto reading = read_message(message.octets(), {kName, RrType::a});
    CHECK_TRUE(reading.truncated);
    STRCMP_EQUAL("MALFORMED", outcome(reading.answer).c_str());
    CHECK_EQUAL(0U, reading.answer.addresses.size());
}

TEST(Reader, SaysWhetherEdnsCameBack) {
    CHECK_TRUE(read_message(answer(kName).opt().octets(), {kName, RrType::a}).edns);
    CHECK_FALSE(read_message(answer(kName).octets(), {kName, RrType::a}).edns);
}

TEST(Reader, ReadsAnExtendedError) {
    const auto blocked =
        read(answer(kName, RrType::a, 0x8183).soa("example.com", 30, 60).extended_error(15).opt());
    CHECK_EQUAL(15U, blocked.extended_error.value().code);
    STRCMP_EQUAL("text", blocked.extended_error->text.c_str());
    const auto bogus = read(answer(kName, RrType::a, 0x8182).extended_error(6).opt());
    CHECK_TRUE(is_bogus(bogus.extended_error.value().code));
    CHECK_FALSE(read(answer(kName).opt()).extended_error.has_value());
}

TEST(Reader, TakesADenialThatTheServerSaysItMadeUpForNone) {
    for (const unsigned rcode : {0U, 3U})
        for (const unsigned code : {4U, 15U, 16U, 17U, 18U}) {
            const auto made_up = read(answer(kName, RrType::a, 0x8180 | rcode)
                                          .soa("example.com", 30, 60)
                                          .extended_error(code)
                                          .opt());
            STRCMP_EQUAL("FILTERED", outcome(made_up).c_str());
            CHECK_EQUAL(30U, made_up.ttl);
        }
    const auto prohibited = answer(kName, RrType::a, 0x8185).extended_error(18).opt();
    STRCMP_EQUAL("REFUSED", outcome(read(prohibited)).c_str());
}

TEST(Reader, SetsApartWhatTheServerSaysItForged) {
    for (const unsigned code : {4U, 15U, 16U, 17U, 18U}) {
        const auto forged = read(
            answer(kName).a(kName, 60, "192.0.2.1").extended_error(3).extended_error(code).opt());
        STRCMP_EQUAL("FILTERED", outcome(forged).c_str());
        CHECK_EQUAL(0U, forged.addresses.size());
        STRCMP_EQUAL("192.0.2.1", to_string(forged.forged.at(0)).c_str());
    }
    const auto services =
        read(answer(kName, RrType::srv)
                 .record(name_octets(kName), 33, 60, {0, 1, 0, 2, 0, 3, 1, 'x', 0})
                 .extended_error(17)
                 .opt(),
             RrType::srv);
    STRCMP_EQUAL("FILTERED", outcome(services).c_str());
    CHECK_EQUAL(0U, services.targets.size());
}

TEST(Reader, TakesADenialOutOfAnOldCacheForNone) {
    for (const unsigned rcode : {0U, 3U})
        for (const unsigned code : {3U, 19U})
            STRCMP_EQUAL("STALE", outcome(read(answer(kName, RrType::a, 0x8180 | rcode)
                                                   .soa("example.com", 30, 60)
                                                   .extended_error(code)
                                                   .opt()))
                                      .c_str());
    const auto answered =
        read(answer(kName).a(kName, 30, "192.0.2.1").extended_error(22).extended_error(3).opt());
    STRCMP_EQUAL("NOERROR", outcome(answered).c_str());
    CHECK_EQUAL(1U, answered.addresses.size());
    CHECK_TRUE(is_stale(answered));
    CHECK_FALSE(is_stale(read(answer(kName).a(kName, 30, "192.0.2.1").opt())));
}

TEST(Reader, TellsAFailedValidationFromAnotherFailure) {
    for (const unsigned code : {5U, 6U, 9U, 12U})
        STRCMP_EQUAL(
            "BOGUS",
            outcome(read(answer(kName, RrType::a, 0x8182).extended_error(code).opt())).c_str());
    STRCMP_EQUAL("SERVFAIL",
                 outcome(read(answer(kName, RrType::a, 0x8182).extended_error(22).opt())).c_str());
}

TEST(Reader, BoundsTheTextOfAnExtendedError) {
    Octets payload(2 + 1000, 'x');
    payload[0] = 0;
    payload[1] = 15;
    CHECK_EQUAL(kMostErrorText,
                read(answer(kName).option(15, payload).opt()).extended_error->text.size());
    CHECK_EQUAL(0U,
                read(answer(kName).option(15, {0, 15, 0, 0}).opt()).extended_error->text.size());
    STRCMP_EQUAL("Blocked", std::string(extended_error_name(15)).c_str());
    STRCMP_EQUAL("", std::string(extended_error_name(49152)).c_str());
}

TEST(Reader, PrefersTheExtendedErrorThatSaysFiltered) {
    const auto both = read(answer(kName).extended_error(3).extended_error(17).opt());
    CHECK_EQUAL(17U, both.extended_error.value().code);
    const auto first = read(answer(kName).extended_error(4).extended_error(3).opt());
    CHECK_EQUAL(4U, first.extended_error.value().code);
}

TEST(Reader, ShowsTheClientSubnetThatCameBack) {
    const Octets subnet = {0, 1, 24, 16, 198, 51, 100};
    auto message = answer(kName).a(kName, 60, "192.0.2.1").option(8, subnet).opt();
    const auto reading = read_message(message.octets(), {kName, RrType::a});
    CHECK_TRUE(std::ranges::equal(subnet, reading.client_subnet));
    CHECK_TRUE(
        read_message(answer(kName).opt().octets(), {kName, RrType::a}).client_subnet.empty());
}

TEST(Reader, AcceptsAFailureWithoutQuestion) {
    Octets bare;
    for (const unsigned field : {0x1234U, 0x8185U, 0U, 0U, 0U, 0U}) put_u16(bare, field);
    STRCMP_EQUAL("REFUSED", outcome(read_answer(bare, {kName, RrType::a})).c_str());
    bare[3] = 0x80; // but no success
    STRCMP_EQUAL("MALFORMED", outcome(read_answer(bare, {kName, RrType::a})).c_str());
}
