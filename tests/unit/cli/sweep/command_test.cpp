// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/command.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"
#include "tests/unit/resolver/nsd.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;

TEST_GROUP(SweepCommand) {
    SweepCommand command;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;

    void setup() override {
        enter_own_namespace();
        command.servers = {"127.0.53.4"};
        command.timeouts.assign(2, std::chrono::milliseconds(150));
    }
    int run(const std::vector<std::string>& names, SweepFormat format) {
        command.words = names;
        command.format = format;
        return run_sweep(command, in, out, err);
    }
};

TEST(SweepCommand, SpeaksLikeNslookup) {
    const Nsd nsd("127.0.53.4", "www A 198.18.0.1\nwww AAAA 2001:db8::1\nalias CNAME www\n"
                                "text TXT x\n");
    CHECK_EQUAL(kSweepAllAnswered, run({"alias.sweep.test", "gone.sweep.test", "Text.Sweep.Test."},
                                       SweepFormat::text));
    STRCMP_EQUAL("Server:\t\t127.0.53.4\nAddress:\t127.0.53.4#53\n\n"
                 "alias.sweep.test\tcanonical name = www.sweep.test.\n"
                 "Name:\twww.sweep.test\nAddress: 198.18.0.1\n"
                 "Name:\twww.sweep.test\nAddress: 2001:db8::1\n\n"
                 "** server can't find gone.sweep.test: NXDOMAIN\n\n"
                 "*** Can't find text.sweep.test: No answer\n\n",
                 out.str().c_str());
    CHECK_TRUE(err.str().starts_with("3 names, 6 questions: 2 NOERROR, 2 NODATA, 2 NXDOMAIN; "));
}

TEST(SweepCommand, AddsNoSummaryToASingleName) {
    const FaultyServer server("127.0.53.4", {});
    CHECK_EQUAL(kSweepAllAnswered, run({"good.test"}, SweepFormat::text));
    STRCMP_EQUAL("", err.str().c_str());
}

TEST(SweepCommand, CountsDenialsAsFailedWhenToldSo) {
    const FaultyServer server("127.0.53.4", {});
    command.types = {RrType::a};
    CHECK_EQUAL(kSweepAllAnswered, run({"nx.test"}, SweepFormat::text));
    command.strict = true;
    CHECK_EQUAL(kSweepSomeFailed, run({"nx.test"}, SweepFormat::text));
}

TEST(SweepCommand, SaysWhatFailedAndHow) {
    const FaultyServer server("127.0.53.4", {});
    command.types = {RrType::a};
    CHECK_EQUAL(kSweepSomeFailed,
                run({"good.test", "drop.test", "servfail.test"}, SweepFormat::text));
    CHECK_TRUE(out.str().find("Address: 198.18.0.1\n") != std::string::npos);
    CHECK_TRUE(out.str().find("** server can't find drop.test: TIMEOUT (A, 2 tries)\n") !=
               std::string::npos);
    CHECK_TRUE(out.str().find("** server can't find servfail.test: SERVFAIL (A, 2 tries)\n") !=
               std::string::npos);
}

TEST(SweepCommand, WritesOneShortLineAQuestionInTheOrderGiven) {
    const FaultyServer server("127.0.53.4", {});
    command.types = {RrType::a};
    run({"drop.test", "good.test", "nx.test", "good.test"}, SweepFormat::short_line);
    STRCMP_EQUAL(
        "drop.test A TIMEOUT 0\ngood.test A NOERROR 60 198.18.0.1\nnx.test A NXDOMAIN 60\n",
        out.str().c_str());
}

TEST(SweepCommand, WritesOneJsonObjectALine) {
    const FaultyServer server("127.0.53.4", {.truncate = true});
    command.types = {RrType::a};
    CHECK_EQUAL(kSweepAllAnswered, run({"good.test"}, SweepFormat::json));
    const auto line = nlohmann::json::parse(out.str());
    for (const auto* key : {"kind", "name", "type", "status", "resolver", "ttl", "chain",
                            "addresses", "tries", "rtt_ms", "proto"})
        CHECK_TRUE(line.contains(key));
    STRCMP_EQUAL("good.test", line["name"].get<std::string>().c_str());
    STRCMP_EQUAL("NOERROR", line["status"].get<std::string>().c_str());
    STRCMP_EQUAL("tcp", line["proto"].get<std::string>().c_str());
    STRCMP_EQUAL("198.18.0.1", line["addresses"][0].get<std::string>().c_str());
    STRCMP_EQUAL("127.0.53.4:53", line["resolver"].get<std::string>().c_str());
    CHECK_EQUAL(2, line["tries"].get<int>());
}

TEST(SweepCommand, SaysWhenNoServerAnswers) {
    CHECK_EQUAL(kSweepNoServer, run({"good.test"}, SweepFormat::short_line));
    STRCMP_EQUAL("good.test A TIMEOUT 0\ngood.test AAAA TIMEOUT 0\n", out.str().c_str());
}

TEST(SweepCommand, ReadsNamesFromStandardInput) {
    const FaultyServer server("127.0.53.4", {});
    command.types = {RrType::a};
    command.file = "-";
    in.str("# the list\n  good-1.test  # first\r\n\n\tgood-2.test");
    CHECK_EQUAL(kSweepAllAnswered, run({}, SweepFormat::short_line));
    STRCMP_EQUAL("good-1.test A NOERROR 60 198.18.0.1\ngood-2.test A NOERROR 60 198.18.0.1\n",
                 out.str().c_str());
}

TEST(SweepCommand, TakesAServerAsDigDoes) {
    const FaultyServer server("127.0.53.5", {});
    command.servers.clear();
    CHECK_EQUAL(kSweepAllAnswered, run({"@127.0.53.5", "nx.test"}, SweepFormat::text));
    CHECK_TRUE(out.str().starts_with("Server:\t\t127.0.53.5\n"));
}

TEST(SweepCommand, NamesTheLineOfABadName) {
    command.file = "-";
    in.str("good.test\nbad name.test\n");
    CHECK_EQUAL(kSweepUsage, run({}, SweepFormat::text));
    STRCMP_EQUAL("sweepgate sweep: standard input: line 2: name 'bad name.test' has a space or "
                 "control character\n",
                 err.str().c_str());
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(SweepCommand, FindsNoServerBehindANameThatNobodyResolves) {
    CHECK_EQUAL(kSweepNoServer, run({"good.test", "@dns.example"}, SweepFormat::text));
    STRCMP_CONTAINS("dns.example", err.str().c_str());
}

TEST(SweepCommand, RefusesWhatItCannotAsk) {
    CHECK_EQUAL(kSweepUsage, run({}, SweepFormat::text));
    CHECK_EQUAL(kSweepUsage, run({"*.example.com"}, SweepFormat::text));
    command.file = "/nonexistent/names";
    CHECK_EQUAL(kSweepUsage, run({}, SweepFormat::text));
    CHECK_TRUE(err.str().find("/nonexistent/names: No such file or directory") !=
               std::string::npos);
}
