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

TEST(SweepRequest, LooksUpTheNameOfAServerAsDigDoes) {
    command.servers = {"localhost:5353"};
    const auto named = read({"www.example.com"});
    CHECK_TRUE(named.has_value());
    CHECK_TRUE(!named->servers.empty());
    for (const auto& server : named->servers)
        CHECK_TRUE(server == "127.0.0.1:5353" || server == "[::1]:5353");
    command.servers.clear();
    command.port = 5300;
    const auto numeric = read({"www.example.com", "@127.0.0.1", "@fe80::1%lo", "@[::1]:54"});
    CHECK_TRUE(numeric.has_value());
    CHECK_EQUAL(3U, numeric->servers.size());
    STRCMP_EQUAL("127.0.0.1:5300", numeric->servers[0].c_str());
    STRCMP_EQUAL("[fe80::1%lo]:5300", numeric->servers[1].c_str());
    STRCMP_EQUAL("[::1]:54", numeric->servers[2].c_str());
}

TEST(SweepRequest, RefusesAServerThatIsNeitherAddressNorKnownName) {
    for (const auto* server : {"300.1.1.1", "fe80::1", "dns example", "localhost:port"}) {
        command.servers = {server};
        const auto refused = read({"www.example.com"});
        CHECK_FALSE(refused.has_value());
        CHECK_TRUE(refused.error().code == Errc::bad_input);
    }
    command.servers = {"no-such-server.invalid"};
    const auto unknown = read({"www.example.com"});
    CHECK_FALSE(unknown.has_value());
    CHECK_TRUE(unknown.error().code == Errc::unavailable);
    STRCMP_CONTAINS("server 'no-such-server.invalid': ", unknown.error().what.c_str());
}
