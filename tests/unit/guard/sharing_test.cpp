// SPDX-License-Identifier: Apache-2.0
// The score of sharing, and what is refused because DNS cannot be believed.
#include "controlplane/guard/guard.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

Candidate candidate(const std::string& address = "64.12.24.1") {
    Candidate one;
    one.prefix = *parse_prefix(address);
    one.system = "aim";
    one.operator_name = "AOL";
    one.hostname = "login.aim.example";
    one.last_seen = Instant{std::chrono::hours{1}};
    one.ttl = 300;
    return one;
}

Network network(NetworkKind kind, const std::string& prefix, const std::string& zone) {
    Network one;
    one.provider = "Front";
    one.kind = kind;
    one.prefixes = {*parse_prefix(prefix)};
    one.zones = {zone};
    return one;
}

} // namespace

TEST_GROUP(Sharing) {
    GuardContext context;
    std::shared_ptr<Observations> observed = std::make_shared<Observations>();
    std::shared_ptr<ReverseNames> reverse_names = std::make_shared<ReverseNames>();
    Candidate one = candidate();

    void setup() override {
        context.observed = observed;
        context.reverse_names = reverse_names;
        context.zones.learn("AOL", "login.aim.example");
        auto redirect = network(NetworkKind::redirect, "64.30.0.0/16", "lead.net");
        redirect.prefixes.clear();
        context.networks =
            Networks({network(NetworkKind::cdn, "64.20.0.0/16", "cdn.net"),
                      network(NetworkKind::cloud, "64.12.0.0/16", "lb.cloud.com"), redirect});
    }
    void name(const char* reverse) { (*reverse_names)[one.prefix.address].name = reverse; }
    Judgement judge() { return evaluate({&one, 1}, context).front(); }
    int score() { return judge().score; }
    std::string disposition() { return std::string(to_string(judge().disposition)); }
    std::string refusal() { return std::string(to_string(judge().refusal)); }
};

TEST(Sharing, OfAContentNetworkIsProven) {
    one = candidate("64.20.1.1");
    CHECK_EQUAL(100, score());
    STRCMP_EQUAL("in 64.20.0.0/16 of Front (cdn) (sharing 100, shared from 50)",
                 judge().reason.c_str());
    one = candidate("64.99.0.1");
    one.chain = {"x.aim.example", "edge.cdn.net"};
    STRCMP_EQUAL("reached through cdn.net, a content network (sharing 100, shared from 50)",
                 judge().reason.c_str());
}

TEST(Sharing, OfACloudNeedsOneMoreSign) {
    CHECK_EQUAL(30, score());
    STRCMP_EQUAL("exclusive", disposition().c_str());
    one.chain = {"x.lb.cloud.com"};
    CHECK_EQUAL(40, score());
    (*observed)[one.prefix.address].names = {"shop.example.org"};
    CHECK_EQUAL(60, score());
    STRCMP_EQUAL("shared", disposition().c_str());
    STRCMP_EQUAL("in 64.12.0.0/16 of Front (cloud) (sharing 60, shared from 50); +20 an observer "
                 "saw names of 1 unrelated owners (example.org), +10 reached through lb.cloud.com, "
                 "a cloud",
                 judge().reason.c_str());
}

TEST(Sharing, OfACloudIsNotProvenByTheCloudsOwnNames) {
    one.chain = {"x.lb.cloud.com"};
    name("ip-1.lb.cloud.com");
    CHECK_EQUAL(40, score());
    STRCMP_EQUAL("exclusive", disposition().c_str());
    name("www.example.org");
    CHECK_EQUAL(60, score());
}

TEST(Sharing, CountsUnrelatedOwnersOnce) {
    context.networks = {};
    auto& seen = (*observed)[one.prefix.address];
    seen.names = {"a.example.org", "b.example.org", "www.aim.example"};
    CHECK_EQUAL(20, score());
    seen.more = 1;
    CHECK_EQUAL(40, score());
    seen.more = 1'000'000;
    CHECK_EQUAL(100, score());
}

TEST(Sharing, ReadsTheReverseName) {
    context.networks = Networks({network(NetworkKind::cdn, "64.20.0.0/16", "cdn.net")});
    name("bos-m01.aim.example");
    CHECK_EQUAL(-30, score());
    name("static.isp.example.org");
    CHECK_EQUAL(20, score());
    name("server-1.cdn.net");
    CHECK_EQUAL(60, score());
    name("");
    CHECK_EQUAL(0, score());
}

TEST(Sharing, IsNotTalkedAwayByAReverseName) {
    one = candidate("64.20.1.1");
    name("bos-m01.aim.example");
    CHECK_EQUAL(70, score());
    STRCMP_EQUAL("shared", disposition().c_str());
}

TEST(Sharing, TellsOfDnssecWithoutWeighingIt) {
    context.networks = {};
    one.authenticated = true;
    CHECK_EQUAL(0, score());
    STRCMP_EQUAL("an address of login.aim.example alone (sharing 0, shared from 50); 0 the "
                 "resolver says DNSSEC validated it",
                 judge().reason.c_str());
}

TEST(Sharing, IsAssumedWhereAnSrvRecordLeadsOut) {
    context.networks = {};
    one.by_service_record = true;
    CHECK_EQUAL(0, score());
    one.hostname = "c2s.hosting.example";
    CHECK_EQUAL(50, score());
    STRCMP_EQUAL("shared", disposition().c_str());
    context.zones.approve("aim", "hosting.example");
    CHECK_EQUAL(0, score());
}

TEST(Sharing, OfAListedPrefixInsideAContentNetworkIsSeen) {
    one = candidate("64.20.8.0/24");
    one.hostname.clear();
    STRCMP_EQUAL("shared", disposition().c_str());
    one.prefix = *parse_prefix("64.16.0.0/12");
    STRCMP_EQUAL("exclusive", disposition().c_str());
}

TEST_GROUP_BASE(Belief, TEST_GROUP_CppUTestGroupSharing){};

TEST(Belief, EndsWhereTheChainLeavesTheZones) {
    one.chain = {"x.aim.example", "www.bank.example", "y.aim.example"};
    STRCMP_EQUAL("foreign-chain", refusal().c_str());
    STRCMP_EQUAL("the chain of login.aim.example leaves the zones of AOL at www.bank.example; "
                 "[guard.zones] aim = [\"bank.example\"] would approve it",
                 judge().reason.c_str());
    context.zones.approve("aim", "bank.example");
    STRCMP_EQUAL("none", refusal().c_str());
    for (const auto* hop : {"a.cdn.net", "b.lb.cloud.com", "c.lead.net", "aim.example"}) {
        one.chain = {hop};
        STRCMP_EQUAL_TEXT("none", refusal().c_str(), hop);
    }
}

TEST(Belief, LearnsZonesAboveAPublicSuffixOnly) {
    context.zones.learn("AOL", "aim.co.uk");
    one.chain = {"x.aim.co.uk"};
    STRCMP_EQUAL("none", refusal().c_str());
    one.chain = {"www.bank.co.uk"};
    STRCMP_EQUAL("foreign-chain", refusal().c_str());
}

TEST(Belief, NeedsAQuorumWhereThereAreResolvers) {
    one.first_seen = one.last_seen;
    STRCMP_EQUAL("none", refusal().c_str()); // one resolver is all there is
    context.resolvers = 3;
    STRCMP_EQUAL("quorum", refusal().c_str());
    STRCMP_EQUAL("no quorum: 1 of 2 resolvers said so, in 1 answers over 0 s with a TTL of 300 s",
                 judge().reason.c_str());
    one.resolvers = 2;
    STRCMP_EQUAL("none", refusal().c_str());
    context.belief.quorum = 3;
    STRCMP_EQUAL("quorum", refusal().c_str());
    context.belief.quorum = 1;
    one.resolvers = 1;
    STRCMP_EQUAL("none", refusal().c_str());
}

TEST(Belief, LetsOneResolverRepeatItselfATtlLater) {
    context.resolvers = 2;
    one.sightings = 2;
    one.first_seen = one.last_seen - std::chrono::seconds{299};
    STRCMP_EQUAL("quorum", refusal().c_str());
    one.first_seen = one.last_seen - std::chrono::seconds{300};
    STRCMP_EQUAL("none", refusal().c_str());
    one.ttl = 0; // answers of one second are one answer
    one.first_seen = one.last_seen;
    STRCMP_EQUAL("quorum", refusal().c_str());
    one.first_seen = one.last_seen - std::chrono::seconds{1};
    STRCMP_EQUAL("none", refusal().c_str());
    context.belief.repeats = false;
    STRCMP_EQUAL("quorum", refusal().c_str());
    one.in_force = true;
    STRCMP_EQUAL("none", refusal().c_str());
}

TEST(Belief, DoesNotTakeRepeatingForProofWhereOthersDenyTheName) {
    context.resolvers = 3;
    one.sightings = 50;
    one.first_seen = Instant{};
    context.contested["login.aim.example"] = "192.0.2.2 and 192.0.2.3 deny the name";
    STRCMP_EQUAL("quorum", refusal().c_str());
    STRCMP_CONTAINS("192.0.2.3 deny the name", judge().reason.c_str());
    one.resolvers = 2;
    STRCMP_EQUAL("none", refusal().c_str());
}

TEST(Belief, KeepsWhatAnAdministratorRefusedOut) {
    context.refused_by_admin["aim"][one.prefix.address] = "alice on 2026-11-22";
    STRCMP_EQUAL("refused by alice on 2026-11-22", judge().reason.c_str());
    STRCMP_EQUAL("by-admin", refusal().c_str());
}

TEST(Belief, RefusesAProtectedAddressInsideAnother) {
    context.treat_as_public = {*parse_prefix("::/0")};
    context.protected_addresses = {{*parse_prefix("45.0.0.1"), "www.chase.com (bank)"}};
    one.prefix = *parse_prefix("2002:2d00:1::1");
    STRCMP_EQUAL("holds 45.0.0.1 (6to4), protected: www.chase.com (bank)", judge().reason.c_str());
    one.prefix = *parse_prefix("64:ff9b::10.0.0.1");
    STRCMP_EQUAL("holds 10.0.0.1 (NAT64), not a public address: private (10.0.0.0/8)",
                 judge().reason.c_str());
    context.nat64 = {*parse_prefix("2600:64::/96")};
    context.treat_as_public.clear();
    context.in_use = {{*parse_prefix("9.9.9.9"), "resolver"}};
    one.prefix = *parse_prefix("2600:64::9.9.9.9");
    STRCMP_EQUAL("holds 9.9.9.9 (NAT64), in use here: resolver", judge().reason.c_str());
}

TEST_GROUP(Flood) {
    GuardContext context;
    std::vector<Candidate> all;

    void setup() override {
        context.zones.learn("AOL", "login.aim.example");
        context.belief.most_per_answer = 10;
        context.belief.most_per_name = 30;
        context.belief.most_per_system = 40;
    }
    void arrive(unsigned count, int second, const std::string& hostname = "login.aim.example") {
        for (unsigned i = 0; i < count; ++i) {
            auto one = candidate(to_string(ipv4(0x2D000000 + static_cast<unsigned>(all.size()))));
            one.hostname = hostname;
            one.first_seen = Instant{std::chrono::seconds{second}};
            all.push_back(one);
        }
    }
    std::size_t enforced() {
        std::size_t count = 0;
        for (const auto& judgement : evaluate(all, context))
            if (judgement.refusal == Refusal::none)
                ++count;
            else
                CHECK_TRUE(judgement.refusal == Refusal::flood);
        return count;
    }
};

TEST(Flood, InOneAnswerIsRefusedWhole) {
    arrive(10, 1);
    CHECK_EQUAL(10U, enforced());
    arrive(11, 2);
    CHECK_EQUAL(10U, enforced());
    STRCMP_EQUAL("a flood: 11 addresses came at once, at most 10 an answer",
                 evaluate(all, context).back().reason.c_str());
}

TEST(Flood, OfTenThousandAddressesEnforcesNone) {
    arrive(10'000, 1);
    CHECK_EQUAL(0U, enforced());
}

TEST(Flood, CountsEachResolversAnswer) {
    arrive(20, 1);
    for (auto& one : all) one.resolvers = 2;
    CHECK_EQUAL(20U, enforced());
}

TEST(Flood, ForOneNameKeepsWhatWasThereFirst) {
    for (int second = 5; second > 0; --second) arrive(10, second);
    CHECK_EQUAL(30U, enforced());
    const auto judgements = evaluate(all, context);
    CHECK_TRUE(judgements.front().refusal == Refusal::flood); // second 5
    CHECK_TRUE(judgements.back().refusal == Refusal::none);   // second 1
}

TEST(Flood, ForOneSystemCountsAllItsNames) {
    for (int second = 1; second < 4; ++second) arrive(10, second);
    for (int second = 4; second < 7; ++second) arrive(10, second, "b.aim.example");
    CHECK_EQUAL(40U, enforced());
}

TEST(Flood, LeavesWhatIsInForceAlone) {
    arrive(50, 1);
    for (auto& one : all) one.in_force = true;
    CHECK_EQUAL(50U, enforced());
    arrive(1, 2);
    CHECK_EQUAL(50U, enforced());
}
