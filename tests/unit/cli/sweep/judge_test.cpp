// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/judge.hpp"

#include <algorithm>

#include "tests/unit/cli/sweep/answers.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;

TEST_GROUP(SweepJudge) {
    Site site;
    std::vector<std::string> servers = {"9.9.9.9:53", "[2620:fe::fe]:53"};

    void setup() override {
        site.catalog.systems.push_back(
            parse_system("id = \"chat\"\nname = \"Chat\"\noperator = \"nobody\"\nera = "
                         "\"current\"\ncategory = \"im\"\ndefault_action = \"block\"\n[dns]\n"
                         "hostnames = [\"im.example.com\"]\nsuffixes = []\n",
                         "chat.toml")
                .value());
        site.catalog.protected_hosts.push_back({"www.bank.example", "bank", {}});
    }
    std::string reason(const SweepJudge& judge) {
        const auto refused = judge.refused();
        return refused && refused->size() == 1 ? refused->front().reason : "";
    }
};

TEST(SweepJudge, AsksForWhatMustNeverBeHit) {
    const SweepJudge judge(site, servers);
    const std::vector<Question> shown = {{"im.example.com", RrType::a}};
    const auto more = judge.questions(shown);
    CHECK_EQUAL(2U, more.size());
    STRCMP_EQUAL("www.bank.example", more[0].name.c_str());
}

TEST(SweepJudge, LetsAPublicAddressThrough) {
    SweepJudge judge(site, servers);
    judge.add(answer("im.example.com", {"93.184.216.34"}));
    CHECK_TRUE(judge.refused()->empty());
}

TEST(SweepJudge, RefusesWhatTheControllerWouldRefuse) {
    for (const auto* address : {"0.0.0.0", "127.0.0.1", "192.168.1.1", "9.9.9.9"}) {
        SweepJudge judge(site, servers);
        judge.add(answer("im.example.com", {address, "93.184.216.34"}));
        CHECK_EQUAL(1U, judge.refused()->size());
    }
}

TEST(SweepJudge, KnowsTheProtectedHostsOfThisSweep) {
    SweepJudge judge(site, servers);
    judge.add(answer("im.example.com", {"93.184.216.34"}));
    judge.add(answer("www.bank.example", {"93.184.216.34"}));
    STRCMP_CONTAINS("www.bank.example (bank)", reason(judge).c_str());
}

TEST(SweepJudge, LeavesForgedAddressesOfAProtectedHostAloneToo) {
    SweepJudge judge(site, servers);
    auto forged = failure("www.bank.example", Outcome::filtered);
    forged.forged = {parse_address("93.184.216.34").value()};
    judge.add(forged);
    forged.question.name = "im.example.com";
    judge.add(forged);
    CHECK_TRUE(judge.refused()->empty()); // nothing of it would be enforced
    judge.add(answer("im.example.com", {"93.184.216.34"}));
    STRCMP_CONTAINS("www.bank.example (bank)", reason(judge).c_str());
}

TEST(SweepJudge, CountsProtectedNamesThatDidNotAnswer) {
    SweepJudge judge(site, servers);
    judge.add(failure("www.bank.example", Outcome::timeout));
    judge.add(failure("im.example.com", Outcome::timeout));
    CHECK_EQUAL(1U, judge.unanswered());
}
