// SPDX-License-Identifier: Apache-2.0
#include "resolver/upstream.hpp"

#include <fstream>

#include <unistd.h>

#include "resolver/sweep.hpp"
#include "tests/unit/resolver/wire_text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;
using namespace std::chrono_literals;

namespace {

std::string endpoint(std::string_view text) {
    const auto parsed = parse_endpoint(text);
    return parsed ? to_string(*parsed) : "refused";
}

} // namespace

TEST_GROUP(Upstream) {
    Upstream upstream{{ipv4(0xC0000235), 53}, {}};
    Clock::time_point start = Clock::now();

    void fail_times(int count, Clock::time_point sent) {
        for (int i = 0; i < count; ++i) upstream.failed(sent, sent);
    }
};

TEST(Upstream, IsNamedByAddressAndPort) {
    STRCMP_EQUAL("192.0.2.53:53", endpoint("192.0.2.53").c_str());
    STRCMP_EQUAL("192.0.2.53:5353", endpoint("192.0.2.53:5353").c_str());
    STRCMP_EQUAL("[2001:db8::53]:53", endpoint("2001:db8::53").c_str());
    STRCMP_EQUAL("[2001:db8::53]:5353", endpoint("[2001:db8::53]:5353").c_str());
}

TEST(Upstream, RefusesTextThatIsNoServer) {
    for (const auto* text : {"", "dns.example", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536",
                             "192.0.2.53:5x", "[2001:db8::53", "[2001:db8::53]x", "[]:53"})
        STRCMP_EQUAL("refused", endpoint(text).c_str());
}

TEST(Upstream, IsDeadAfterEightFailuresInARow) {
    upstream.begin(start);
    fail_times(7, start);
    CHECK_FALSE(upstream.is_dead());
    fail_times(1, start);
    CHECK_TRUE(upstream.is_dead());
    upstream.heard(start + 1s);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsNotBlamedForWhatWasSentBeforeItsLastAnswer) {
    upstream.heard(start + 1s);
    fail_times(100, start);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsProbedOnceASecondWhileDead) {
    upstream.begin(start);
    CHECK_FALSE(upstream.wants_probe(start));
    fail_times(8, start);
    CHECK_TRUE(upstream.wants_probe(start));
    CHECK_FALSE(upstream.wants_probe(start + 900ms));
    CHECK_TRUE(upstream.wants_probe(start + 1s));
}

TEST(Upstream, IsTakenForOneWithoutEdnsOnlyAfterSeveralAnswersInARow) {
    for (int i = 0; i < 3; ++i) upstream.saw_edns(false, start);
    upstream.saw_edns(true, start);
    for (int i = 0; i < 3; ++i) upstream.saw_edns(false, start);
    CHECK_TRUE(upstream.speaks_edns(start));
    upstream.saw_edns(false, start);
    CHECK_FALSE(upstream.speaks_edns(start));
    CHECK_TRUE(upstream.speaks_edns(start + 10min));
}

TEST(Upstream, IsTakenForOneWithoutEdnsWhenThatFailsWhileTheRestIsAnswered) {
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start, start); // it may be dead
    upstream.answered_without_edns(start + 1s);
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start, start + 1s); // it was, then
    CHECK_TRUE(upstream.speaks_edns(start + 1s));
    for (int i = 0; i < 4; ++i) upstream.failed_edns(start + 2s, start + 3s);
    CHECK_FALSE(upstream.speaks_edns(start + 3s));
    CHECK_TRUE(upstream.speaks_edns(start + 3s + 10min)); // and is tried again
}

TEST(Upstream, KeepsEdnsThatItProvedLately) {
    upstream.saw_edns(true, start);
    CHECK_TRUE(upstream.proved_edns(start + 9min));
    upstream.answered_without_edns(start);
    for (int i = 0; i < 20; ++i) upstream.failed_edns(start + 1s, start + 2s);
    CHECK_TRUE(upstream.speaks_edns(start + 2s));
    CHECK_FALSE(upstream.proved_edns(start + 10min));
}

TEST(Upstream, IsPassedOverAfterASecondWithMoreFailuresThanAnswers) {
    upstream.begin(start);
    for (int i = 0; i < 30; ++i) { // never eight in a row
        const auto at = start + i * 40ms;
        upstream.heard(at);
        CHECK_FALSE(upstream.is_dead());
        for (int failure = 0; failure < 2; ++failure) upstream.failed(at - 1ms, at);
        if (upstream.is_dead()) break;
    }
    CHECK_TRUE(upstream.is_dead());
    upstream.heard(start + 2s);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, IsNotPassedOverForAFewFailuresInASecond) {
    upstream.begin(start);
    for (int i = 0; i < 6; ++i) upstream.failed(start, start + i * 250ms);
    CHECK_FALSE(upstream.is_dead());
}

TEST(Upstream, SmoothsItsRoundTrips) {
    upstream.took(80ms);
    CHECK_EQUAL(80000, upstream.rtt().count());
    upstream.took(160ms);
    CHECK_EQUAL(90000, upstream.rtt().count());
}

TEST_GROUP(SystemResolvers) {
    std::string path = "/tmp/sg-resolv-" + std::to_string(getpid());

    std::string read_from(const std::string& text) {
        std::ofstream(path) << text;
        const auto servers = system_resolvers(path);
        unlink(path.c_str());
        return test::joined(servers);
    }
};

TEST(SystemResolvers, AreTheNameserverLinesInOrder) {
    STRCMP_EQUAL("192.0.2.1 2001:db8::1",
                 read_from("# a comment\nsearch example.com\nnameserver 192.0.2.1\n"
                           "nameserver 2001:DB8:0::1\nnameserver 192.0.2.1\noptions rotate\n")
                     .c_str());
}

TEST(SystemResolvers, SkipLinesThatAreNoAddress) {
    STRCMP_EQUAL("192.0.2.9",
                 read_from("nameserver\nnameserver evil.example\nnameserver fe80::1%eth0\n"
                           "nameserver 192.0.2.9")
                     .c_str());
}

TEST(SystemResolvers, AreBounded) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "nameserver 192.0.2." + std::to_string(i) + "\n";
    std::ofstream(path) << text;
    CHECK_EQUAL(32U, system_resolvers(path).size());
    std::ofstream(path) << std::string(70000, '#') << "\nnameserver 192.0.2.1\n";
    CHECK_EQUAL(0U, system_resolvers(path).size());
    unlink(path.c_str());
    CHECK_EQUAL(0U, system_resolvers(path).size());
}
