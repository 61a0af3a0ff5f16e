// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/guard.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

Candidate candidate(const std::string& address, const std::string& system = "aim",
                    const std::string& operator_name = "AOL") {
    Candidate one;
    one.prefix = *parse_prefix(address);
    one.system = system;
    one.operator_name = operator_name;
    one.hostname = "login." + system + ".example";
    return one;
}

Candidate static_prefix(const std::string& prefix) {
    auto listed = candidate(prefix);
    listed.hostname.clear();
    return listed;
}

Guarded guarded(const std::string& prefix, const std::string& what) {
    return {*parse_prefix(prefix), what};
}

} // namespace

TEST_GROUP(Guard) {
    GuardContext context;

    void setup() override { context.zones.learn("AOL", "login.aim.example"); }
    Judgement judge(const Candidate& one) { return evaluate({&one, 1}, context).front(); }
    std::string verdict(const Candidate& one) {
        const auto judgement = judge(one);
        return std::string(to_string(judgement.disposition)) + ": " + judgement.reason;
    }
    std::string verdict_of_first(const std::vector<Candidate>& all) {
        const auto judgement = evaluate(all, context).front();
        return std::string(to_string(judgement.disposition)) + ": " + judgement.reason;
    }
};

TEST(Guard, PassesAServerOfItsOwn) {
    STRCMP_EQUAL("exclusive: an address of login.aim.example alone (sharing 0, shared from 50)",
                 verdict(candidate("64.12.24.1")).c_str());
}

TEST(Guard, RefusesTheOwnNetwork) {
    context.own = {*parse_prefix("64.12.0.0/16")};
    STRCMP_EQUAL("refused: in the own network 64.12.0.0/16",
                 verdict(candidate("64.12.24.1")).c_str());
    STRCMP_EQUAL("refused: in the own network 64.12.0.0/16",
                 verdict(static_prefix("64.12.24.0/23")).c_str());
}

TEST(Guard, LeavesAnOwnHostOutOfAStaticPrefixAndNothingMore) {
    context.own = {*parse_prefix("64.12.24.10"), *parse_prefix("64.13.0.0/24")};
    const auto judgement = judge(static_prefix("64.12.24.0/23"));
    CHECK_TRUE(judgement.disposition == Disposition::exclusive);
    CHECK_EQUAL(1U, judgement.left_out.size());
    CHECK_TRUE(judgement.left_out[0] == *parse_prefix("64.12.24.10/32"));
    CHECK_TRUE(judgement.allow_first.empty()); // its clients stay under the policy
    STRCMP_EQUAL("a listed prefix of aim; without the own networks inside it: 1",
                 judgement.reason.c_str());
}

TEST(Guard, TreatsAlikeWhateverMustNotBeHit) {
    const auto outcome = [&](const char* text, const std::string& prefix) {
        context = {};
        const auto item = guarded(text, "it");
        std::vector<std::string> told;
        for (const auto list : {&GuardContext::never_block, &GuardContext::in_use,
                                &GuardContext::sanctioned, &GuardContext::protected_addresses}) {
            context = {};
            (context.*list).push_back(item);
            told.emplace_back(to_string(judge(static_prefix(prefix)).disposition));
        }
        context = {};
        context.own = {item.prefix};
        told.emplace_back(to_string(judge(static_prefix(prefix)).disposition));
        for (const auto& each : told) STRCMP_EQUAL(told.front().c_str(), each.c_str());
        return told.front();
    };
    STRCMP_EQUAL("refused", outcome("64.12.0.0/16", "64.12.24.0/24").c_str());
    STRCMP_EQUAL("refused", outcome("64.12.24.0/24", "64.12.24.0/24").c_str());
    STRCMP_EQUAL("exclusive", outcome("64.12.24.10/32", "64.12.24.0/24").c_str());
    STRCMP_EQUAL("exclusive", outcome("64.12.25.0/24", "64.12.24.0/24").c_str());
}

TEST(Guard, OpensNothingInsideAPublishedPrefixForASignOfSharing) {
    auto shared = candidate("64.12.24.7");
    shared.shared_name = true;
    STRCMP_EQUAL(
        "exclusive: inside 64.12.24.0/23, a listed prefix of aim, which no sign of sharing "
        "opens; login.aim.example serves others too (sharing 100, shared from 50)",
        verdict_of_first({shared, static_prefix("64.12.24.0/23"), static_prefix("64.12.24.0/24")})
            .c_str());
    Network edge;
    edge.provider = "Edge";
    edge.zones = {"msedge.example"};
    context.networks = Networks({edge});
    auto chained = candidate("64.12.24.7");
    chained.chain = {"s-0005.msedge.example"};
    STRCMP_EQUAL("exclusive",
                 verdict_of_first({chained, static_prefix("64.12.24.0/23")}).substr(0, 9).c_str());
    STRCMP_EQUAL("shared",
                 verdict_of_first({chained, static_prefix("64.12.26.0/23")}).substr(0, 6).c_str());
}

TEST(Guard, SaysOfAnothersPublishedPrefixThatItStaysShut) {
    auto other = candidate("64.12.24.7", "irc", "Libera");
    other.shared_name = true;
    STRCMP_EQUAL(
        "shared: login.irc.example serves others too (sharing 100, shared from 50); stopped "
        "on every port for aim, which lists 64.12.24.0/23",
        verdict_of_first({other, static_prefix("64.12.24.0/23")}).c_str());
}

TEST(Guard, TakesARefusedPrefixForNobodysSpace) {
    context.own = {*parse_prefix("64.12.0.0/16")};
    auto shared = candidate("64.12.24.7");
    shared.shared_name = true;
    STRCMP_EQUAL("refused: in the own network 64.12.0.0/16",
                 verdict_of_first({shared, static_prefix("64.12.24.0/23")}).c_str());
}

TEST(Guard, RefusesTheNeverBlockList) {
    context.never_block = {guarded("64.12.24.0/24", "www.example.com")};
    STRCMP_EQUAL("refused: on the never-block list: www.example.com",
                 verdict(candidate("64.12.24.1")).c_str());
}

TEST(Guard, RefusesAResolverInUse) {
    context.in_use = {guarded("9.9.9.9", "resolver")};
    STRCMP_EQUAL("refused: in use here: resolver", verdict(candidate("9.9.9.9")).c_str());
}

TEST(Guard, RefusesASanctionedServer) {
    context.sanctioned = {guarded("64.12.24.1", "corporate XMPP")};
    STRCMP_EQUAL("refused: sanctioned: corporate XMPP", verdict(candidate("64.12.24.1")).c_str());
}

TEST(Guard, RefusesWhatIsNotPublic) {
    STRCMP_EQUAL("refused: not a public address: loopback (127.0.0.0/8)",
                 verdict(candidate("127.0.0.1")).c_str());
    STRCMP_EQUAL("refused: not a public address: this network (0.0.0.0/8)",
                 verdict(candidate("0.0.0.0")).c_str());
    auto mapped = candidate("64.12.24.1");
    mapped.prefix = host(ipv6(0, 0xFFFF'400C'1801)); // as an answer may bring it
    STRCMP_EQUAL("refused: not a public address: IPv4-mapped (::ffff:0.0.0.0/96)",
                 verdict(mapped).c_str());
    context.treat_as_public = {*parse_prefix("198.51.100.0/24")};
    STRCMP_EQUAL("exclusive: an address of login.aim.example alone (sharing 0, shared from 50)",
                 verdict(candidate("198.51.100.7")).c_str());
}

TEST(Guard, RefusesASinkhole) {
    context.sinkholes = {guarded("64.12.24.1", "what 192.0.2.53 says of names that cannot exist")};
    STRCMP_EQUAL("refused: a sinkhole: what 192.0.2.53 says of names that cannot exist",
                 verdict(candidate("64.12.24.1")).c_str());
}

TEST(Guard, LearnsASinkholeFromUnrelatedOperators) {
    std::vector<Candidate> all;
    for (int i = 0; i < 4; ++i)
        all.push_back(candidate("64.12.24.1", "s" + std::to_string(i), "o" + std::to_string(i)));
    STRCMP_EQUAL("shared: also used by s1 (sharing 100, shared from 50)",
                 verdict_of_first(all).c_str());
    all.push_back(candidate("64.12.24.1", "s4", "o4"));
    STRCMP_EQUAL("refused: a sinkhole: names of 5 operators have it",
                 verdict_of_first(all).c_str());
}

TEST(Guard, LetsOneOperatorShareWithItself) {
    STRCMP_EQUAL(
        "exclusive: an address of login.aim.example alone (sharing 0, shared from 50)",
        verdict_of_first({candidate("64.12.24.1"), candidate("64.12.24.1", "icq")}).c_str());
}

TEST(Guard, RefusesAProtectedHost) {
    context.protected_addresses = {guarded("64.12.24.1", "www.chase.com (bank)")};
    STRCMP_EQUAL("refused: protected: www.chase.com (bank)",
                 verdict(candidate("64.12.24.1")).c_str());
    STRCMP_EQUAL("exclusive: an address of login.aim.example alone (sharing 0, shared from 50)",
                 verdict(candidate("64.12.24.2")).c_str());
}

TEST(Guard, SharesWhatTheCatalogCallsShared) {
    auto one = candidate("64.12.24.1");
    one.shared_name = true;
    STRCMP_EQUAL("shared: login.aim.example serves others too (sharing 100, shared from 50)",
                 verdict(one).c_str());
    STRCMP_EQUAL("shared: also the address of login.aim.example, which serves others too "
                 "(sharing 100, shared from 50)",
                 verdict_of_first({candidate("64.12.24.1", "icq"), one}).c_str());
    one.shared_name = false;
    one.shared_space = true;
    STRCMP_EQUAL("shared: in address space that serves others too (sharing 100, shared from 50)",
                 verdict(one).c_str());
}

TEST(Guard, RefusesMoreThanAHostFromDns) {
    STRCMP_EQUAL("refused: wider than one address, which DNS cannot give",
                 verdict(candidate("64.12.24.0/24")).c_str());
}

TEST(Guard, BoundsStaticPrefixes) {
    STRCMP_EQUAL("exclusive: a listed prefix of aim", verdict(static_prefix("64.0.0.0/8")).c_str());
    STRCMP_EQUAL("refused: wider than /8, too much to enforce",
                 verdict(static_prefix("64.0.0.0/7")).c_str());
    STRCMP_EQUAL("exclusive: a listed prefix of aim", verdict(static_prefix("2a00::/16")).c_str());
    STRCMP_EQUAL("refused: wider than /16, too much to enforce",
                 verdict(static_prefix("2a00::/15")).c_str());
    STRCMP_EQUAL("refused: not a public address: private (10.0.0.0/8)",
                 verdict(static_prefix("10.1.0.0/16")).c_str());
}

TEST(Guard, KeepsAStaticPrefixAndAllowsFirstWhatItCovers) {
    context.protected_addresses = {guarded("64.12.24.9", "www.chase.com (bank)"),
                                   guarded("64.13.0.1", "elsewhere")};
    context.sanctioned = {guarded("64.12.25.0/28", "ours")};
    const auto judgement = judge(static_prefix("64.12.24.0/23"));
    CHECK_TRUE(judgement.disposition == Disposition::exclusive);
    CHECK_EQUAL(2U, judgement.allow_first.size());
    CHECK_TRUE(judgement.allow_first[0] == *parse_prefix("64.12.24.9/32"));
    CHECK_TRUE(judgement.allow_first[1] == *parse_prefix("64.12.25.0/28"));
    STRCMP_EQUAL("a listed prefix of aim; allowed first inside it: 2", judgement.reason.c_str());
}

TEST(Guard, RefusesAStaticPrefixInsideSomethingGuarded) {
    context.protected_addresses = {guarded("64.12.0.0/16", "a bank's own network")};
    STRCMP_EQUAL("refused: protected: a bank's own network",
                 verdict(static_prefix("64.12.24.0/23")).c_str());
}
