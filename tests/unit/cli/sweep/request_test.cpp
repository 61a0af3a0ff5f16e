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
    CHECK_EQUAL(2U, request->names.size());
    CHECK_EQUAL(2U, request->names[0].types.size());
    CHECK_FALSE(request->site.has_value());
}

TEST(SweepRequest, TakesASystemWithItsServices) {
    const auto request = read({"XMPP"});
    CHECK_TRUE(request.has_value());
    CHECK_TRUE(request->site.has_value());
    bool service = false;
    for (const auto& name : request->names) {
        CHECK_EQUAL(name.name.starts_with('_'), name.types == std::vector{RrType::srv});
        service = service || name.name.starts_with('_');
    }
    CHECK_TRUE(service);
}

TEST(SweepRequest, AsksOnlyTheTypesNamed) {
    command.types = {RrType::srv};
    const auto services = read({"xmpp"});
    CHECK_TRUE(services.has_value());
    for (const auto& name : services->names) CHECK_TRUE(name.name.starts_with('_'));
    command.types = {RrType::a};
    const auto hosts = read({"xmpp"});
    CHECK_TRUE(hosts.has_value());
    for (const auto& name : hosts->names) CHECK_FALSE(name.name.starts_with('_'));
}

TEST(SweepRequest, TakesEverySystemAtOnce) {
    const auto all = read({"all"});
    CHECK_TRUE(all.has_value());
    CHECK_TRUE(all->names.size() > 400);
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
    STRCMP_EQUAL("a.example", request->names[0].name.c_str());
}

TEST(SweepRequest, JudgesHostnamesOnlyByAPolicy) {
    command.policy = "/nonexistent/policy.toml";
    STRCMP_CONTAINS("/nonexistent/policy.toml", fault({"www.example.com"}).c_str());
    command.guard = false;
    CHECK_TRUE(read({"www.example.com"}).has_value());
}
