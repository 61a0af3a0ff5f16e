// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/request.hpp"

#include <sstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;

TEST_GROUP(SweepRequest) {
    SweepCommand command;
    std::istringstream in;

    void setup() override {
        command.servers = {"192.0.2.53"};
        command.catalog = {SHIPPED_CATALOG};
        command.site_policy = "/nonexistent/policy.toml";
    }
    Result<SweepRequest> read(const std::vector<std::string>& words) {
        command.words = words;
        return read_request(command, in);
    }
    std::string fault(const std::vector<std::string>& words) {
        const auto request = read(words);
        return request ? "none" : request.error().what;
    }
};

TEST(SweepRequest, NeedsNoCatalogForHostnames) {
    command.catalog = {"/nonexistent"};
    const auto request = read({"WWW.Example.com.", "www.example.com", "localhost."});
    CHECK_TRUE(request.has_value());
    CHECK_EQUAL(2U, count_names(request->questions));
    CHECK_TRUE((Question{"www.example.com", RrType::a}) == request->questions[0]);
    CHECK_TRUE((Question{"www.example.com", RrType::aaaa}) == request->questions[1]);
    CHECK_TRUE((Question{"localhost", RrType::a}) == request->questions[2]);
    CHECK_FALSE(request->site.has_value());
}

TEST(SweepRequest, TakesASystemWithItsServices) {
    const auto request = read({"XMPP"});
    CHECK_TRUE(request.has_value());
    CHECK_TRUE(request->site.has_value());
    bool service = false;
    for (const auto& question : request->questions) {
        CHECK_EQUAL(question.name.starts_with('_'), question.type == RrType::srv);
        CHECK_EQUAL(question.name.starts_with('_'), request->services.contains(question.name));
        service = service || question.name.starts_with('_');
    }
    CHECK_TRUE(service);
}

TEST(SweepRequest, AsksOnlyTheTypesNamed) {
    command.types = {RrType::srv};
    const auto services = read({"xmpp"});
    CHECK_TRUE(services.has_value());
    for (const auto& each : services->questions) CHECK_TRUE(each.name.starts_with('_'));
    command.types = {RrType::a};
    const auto hosts = read({"xmpp"});
    CHECK_TRUE(hosts.has_value());
    for (const auto& each : hosts->questions) CHECK_FALSE(each.name.starts_with('_'));
}

TEST(SweepRequest, TakesEverySystemAtOnce) {
    const auto all = read({"all"});
    CHECK_TRUE(all.has_value());
    CHECK_TRUE(count_names(all->questions) > 400);
}

TEST(SweepRequest, SuggestsTheNearestSystem) {
    STRCMP_CONTAINS("the catalog has no system 'telgram'; did you mean 'telegram'?",
                    fault({"telgram"}).c_str());
    STRCMP_CONTAINS("did you mean 'all'?", fault({"alll"}).c_str());
    STRCMP_CONTAINS("ends in a dot: 'qzxv7654321.'", fault({"qzxv7654321"}).c_str());
}

TEST(SweepRequest, SaysWhyItWantedACatalog) {
    command.catalog = {"/nonexistent"};
    STRCMP_CONTAINS("'irc' has no dot, so it is a system of the catalog: ", fault({"irc"}).c_str());
}

TEST(SweepRequest, NamesTheLineOfAWrongSystem) {
    command.file = "-";
    in.str("www.example.com\nircc\n");
    STRCMP_CONTAINS("standard input: line 2: the catalog has no system 'ircc'; did you mean 'irc'?",
                    fault({}).c_str());
}

TEST(SweepRequest, RefusesWildcardsWithTheReason) {
    STRCMP_CONTAINS("is a wildcard: it cannot be asked for", fault({"*.example.com"}).c_str());
    STRCMP_CONTAINS("is a wildcard", fault({"*"}).c_str());
}

TEST(SweepRequest, SortsWhenToldTo) {
    command.sorted = true;
    const auto request = read({"b.example", "a.example"});
    STRCMP_EQUAL("a.example", request->questions[0].name.c_str());
}

TEST(SweepRequest, JudgesHostnamesOnlyByAPolicy) {
    command.policy = "/nonexistent/policy.toml";
    STRCMP_CONTAINS("/nonexistent/policy.toml", fault({"www.example.com"}).c_str());
    command.guard = false;
    CHECK_TRUE(read({"www.example.com"}).has_value());
}
