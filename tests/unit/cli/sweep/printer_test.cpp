// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/printer.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/sweep/answers.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;

TEST_GROUP(SweepPrinter) {
    std::ostringstream out;

    std::string printed(SweepFormat format, bool sorted, const Answer& one) {
        out.str("");
        SweepPrinter(out, format, sorted).print(std::span(&one, 1));
        return out.str();
    }
};

TEST(SweepPrinter, WritesTheSameBytesForTheSameRecordsWhenSorted) {
    auto first = answer("www.example", {"203.0.113.9", "203.0.113.1"}, 60);
    auto second = answer("www.example", {"203.0.113.1", "203.0.113.9"}, 7);
    second.resolver = "198.51.100.53:53";
    second.tries = 3;
    second.over_tcp = true;
    second.rtt = std::chrono::microseconds(77);
    for (const auto format : {SweepFormat::text, SweepFormat::short_line, SweepFormat::json}) {
        STRCMP_EQUAL(printed(format, true, first).c_str(), printed(format, true, second).c_str());
        CHECK_FALSE(printed(format, false, first) == printed(format, false, second));
    }
    STRCMP_EQUAL("www.example A NOERROR - 203.0.113.1 203.0.113.9\n",
                 printed(SweepFormat::short_line, true, second).c_str());
}

TEST(SweepPrinter, KeepsItsJsonKeysForEveryOutcome) {
    for (const auto outcome : {Outcome::answered, Outcome::timeout, Outcome::malformed})
        for (const bool sorted : {false, true}) {
            const auto line = nlohmann::json::parse(
                printed(SweepFormat::json, sorted, failure("www.example", outcome)));
            for (const auto* key : {"kind", "name", "type", "status", "resolver", "ttl", "chain",
                                    "addresses", "tries", "rtt_ms", "proto", "authenticated",
                                    "extended_error", "subnet_scope", "forged"})
                CHECK_TRUE(line.contains(key));
        }
}

TEST(SweepPrinter, WritesWhatServersSayAsJsonWhateverItHolds) {
    auto odd = answer("www.example", {"203.0.113.9", "2001:db8::1"});
    odd.chain = {R"(a\"b\\.example)", "\xff.example", "plain.example"};
    odd.rtt = std::chrono::microseconds(12'034);
    odd.subnet_scope = 24;
    const auto line = printed(SweepFormat::json, false, odd);
    CHECK_EQUAL(line.size() - 1, line.find('\n'));
    const auto read = nlohmann::json::parse(line);
    STRCMP_EQUAL(R"(a\"b\\.example)", read["chain"][0].get<std::string>().c_str());
    STRCMP_EQUAL("\xef\xbf\xbd.example", read["chain"][1].get<std::string>().c_str());
    STRCMP_EQUAL("plain.example", read["chain"][2].get<std::string>().c_str());
    STRCMP_EQUAL("2001:db8::1", read["addresses"][1].get<std::string>().c_str());
    DOUBLES_EQUAL(12.034, read["rtt_ms"].get<double>(), 1e-9);
    CHECK_EQUAL(24, read["subnet_scope"].get<int>());
    CHECK_TRUE(read["extended_error"].is_null());
}

TEST(SweepPrinter, NeverPrintsNothingForAFailedName) {
    for (const auto outcome :
         {Outcome::filtered, Outcome::stale, Outcome::servfail, Outcome::bogus, Outcome::refused,
          Outcome::timeout, Outcome::malformed, Outcome::other_rcode}) {
        const auto text = printed(SweepFormat::text, false, failure("www.example", outcome));
        CHECK_TRUE(text.find("** server can't find www.example: " +
                             std::string(to_string(outcome))) != std::string::npos);
    }
}

TEST(SweepPrinter, SaysWhatTheServerSaysItDid) {
    auto blocked = failure("www.example", Outcome::filtered);
    blocked.extended_error = ExtendedError{15, "by\x1bpolicy"};
    blocked.subnet_scope = 24;
    STRCMP_CONTAINS("** server can't find www.example: FILTERED (A, 1 try): Blocked: by?policy\n",
                    printed(SweepFormat::text, false, blocked).c_str());
    const auto line = nlohmann::json::parse(printed(SweepFormat::json, false, blocked));
    STRCMP_EQUAL("FILTERED", line["status"].get<std::string>().c_str());
    CHECK_TRUE(line["extended_error"] ==
               (nlohmann::json{{"code", 15}, {"name", "Blocked"}, {"text", "by\x1bpolicy"}}));
    CHECK_EQUAL(24, line["subnet_scope"].get<int>());
    blocked.extended_error = ExtendedError{49152, ""};
    STRCMP_CONTAINS("(A, 1 try): extended error 49152\n",
                    printed(SweepFormat::text, false, blocked).c_str());
    const auto plain =
        nlohmann::json::parse(printed(SweepFormat::json, false, answer("www.example", {})));
    CHECK_TRUE(plain["extended_error"].is_null() && plain["subnet_scope"].is_null());
}

TEST(SweepPrinter, ShowsWhatIsForgedAsThat) {
    auto forged = failure("www.example", Outcome::filtered);
    forged.extended_error = ExtendedError{4, ""};
    forged.forged = {parse_address("198.51.100.9").value()};
    STRCMP_CONTAINS("FILTERED (A, 1 try): Forged Answer; in its place 198.51.100.9\n",
                    printed(SweepFormat::text, false, forged).c_str());
    STRCMP_EQUAL("www.example A FILTERED 60\n",
                 printed(SweepFormat::short_line, false, forged).c_str());
    const auto line = nlohmann::json::parse(printed(SweepFormat::json, false, forged));
    CHECK_TRUE(line["addresses"].empty());
    STRCMP_EQUAL("198.51.100.9", line["forged"][0].get<std::string>().c_str());
}

TEST(SweepPrinter, SaysThatAnAnswerIsStale) {
    auto stale = answer("www.example", {"198.51.100.9"});
    stale.extended_error = ExtendedError{3, ""};
    STRCMP_CONTAINS(
        "Address: 198.51.100.9\n*** www.example A: a stale answer, the server could not ask\n",
        printed(SweepFormat::text, false, stale).c_str());
}

TEST(SweepPrinter, ShowsWhatTheGuardWouldRefuse) {
    std::vector<Judgement> refused(1);
    refused[0].prefix = host(parse_address("127.0.0.1").value());
    refused[0].system = "irc";
    refused[0].hostname = "irc.example";
    refused[0].disposition = Disposition::refused;
    refused[0].reason = "not a public address: loopback";
    SweepPrinter(out, SweepFormat::short_line, false).print(refused);
    STRCMP_EQUAL("irc.example GUARD refused 127.0.0.1: not a public address: loopback\n",
                 out.str().c_str());
    out.str("");
    SweepPrinter(out, SweepFormat::json, false).print(refused);
    const auto line = nlohmann::json::parse(out.str());
    STRCMP_EQUAL("refused", line["guard"].get<std::string>().c_str());
    STRCMP_EQUAL("127.0.0.1", line["address"].get<std::string>().c_str());
    out.str("");
    SweepPrinter(out, SweepFormat::text, false).print(std::vector<Judgement>{});
    STRCMP_EQUAL("", out.str().c_str());
}
