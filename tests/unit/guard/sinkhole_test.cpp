// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/sinkhole.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Sinkhole) {
    std::vector<CanaryAnswer> answers;

    void say(const std::string& resolver, const std::string& hostname, const std::string& vendor,
             const std::string& address) {
        CanaryAnswer answer;
        answer.resolver = resolver;
        answer.hostname = hostname;
        answer.operator_name = vendor;
        answer.denied = address.empty();
        if (!address.empty()) answer.addresses = {*parse_address(address)};
        answers.push_back(answer);
    }
    std::string found() {
        std::string all;
        for (const auto& each : find_sinkholes(answers))
            all += (all.empty() ? "" : "; ") + to_string(each.address) +
                   (each.certain ? " " : " perhaps ") + each.words;
        return all;
    }
};

TEST(Sinkhole, IsWhatAResolverSaysOfATopLevelDomain) {
    say("r1", "x1.com", "", "45.0.0.1");
    say("r1", "x2.net", "", "45.0.0.1");
    say("r2", "x1.com", "", "");
    STRCMP_EQUAL("45.0.0.1 what r1 says of names that cannot exist (in 2 top-level domains)",
                 found().c_str());
}

TEST(Sinkhole, IsNoWildcardOfOneVendor) {
    say("r1", "x.irc.example", "IRC", "45.0.0.1");
    say("r2", "x.irc.example", "IRC", "45.0.0.1");
    STRCMP_EQUAL("", found().c_str());
}

TEST(Sinkhole, IsOneAddressForUnrelatedVendors) {
    say("r1", "x.irc.example", "IRC", "45.0.0.1");
    say("r1", "x.chat.example", "Chat", "45.0.0.1");
    STRCMP_EQUAL("45.0.0.1 what r1 says of names that cannot exist (of 2 operators)",
                 found().c_str());
}

TEST(Sinkhole, IsDoubtfulWhereAnotherResolverDeniesTheName) {
    say("r1", "x.irc.example", "IRC", "45.0.0.1");
    say("r2", "x.irc.example", "IRC", "");
    STRCMP_EQUAL("45.0.0.1 perhaps what r1 says of names that cannot exist (another resolver "
                 "denies them)",
                 found().c_str());
}

TEST(Sinkhole, IsWhatTheResolverItselfCallsFiltered) {
    say("r1", "x.irc.example", "IRC", "45.0.0.1");
    answers.back().filtered = true;
    STRCMP_CONTAINS("it says itself that it filters", found().c_str());
}

TEST(Sinkhole, IsNothingWhereNobodyAnswers) {
    say("r1", "x1.com", "", "");
    answers.push_back({"r2", "x1.com", "", false, false, {}});
    STRCMP_EQUAL("", found().c_str());
}

TEST(Sinkhole, IsRefusedByTheGuardEvenWhenDoubtfulUnlessTwoResolversAgree) {
    GuardContext context;
    Candidate one;
    one.prefix = *parse_prefix("45.0.0.1");
    one.system = "irc";
    one.hostname = "irc.example";
    context.doubtful = {{one.prefix, "what r1 says"}};
    CHECK_TRUE(evaluate({&one, 1}, context).front().refusal == Refusal::sinkhole);
    one.resolvers = 2;
    CHECK_TRUE(evaluate({&one, 1}, context).front().refusal == Refusal::none);
    context.sinkholes = context.doubtful;
    CHECK_TRUE(evaluate({&one, 1}, context).front().refusal == Refusal::sinkhole);
}
