// SPDX-License-Identifier: Apache-2.0
// What a person decides is in force or refused loudly, never quietly held.
#include "controlplane/controller/decision.hpp"

#include <fmt/format.h>

#include "controlplane/controller/decision_verbs.hpp"
#include "tests/unit/controller/site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

std::string adding(const std::string& prefixes) {
    return std::string(test::ControllerSite::kBlock) +
           "[[add]]\nsystem = \"testim\"\nprefixes = [" + prefixes + "]\n";
}

std::string hosts(int first, int count) {
    std::string all;
    for (int i = first; i < first + count; ++i)
        all += fmt::format("{}\"45.40.{}.{}\"", all.empty() ? "" : ", ", i / 256, i % 256);
    return all;
}

} // namespace

TEST_GROUP(DecisionOfAPerson) {
    test::ControllerSite site;
    Surroundings surroundings;

    void setup() override {
        surroundings.gates = [] { return std::vector<wire::PeerState>{}; };
        surroundings.take_names = [] {};
        surroundings.note_refused = [](const wire::Refusal&) {};
        STRCMP_EQUAL("", site.start().c_str());
    }
    Decided push(const std::string& text, bool yes = false) const {
        const auto change = site->push(text, {"alice", "p.toml", "", yes});
        CHECK_TEXT(change.has_value(), change ? "" : change.error().what.c_str());
        return change->decided;
    }
    wire::AdminReply ask(const std::string& verb, const std::string& argument,
                         const std::string& options = {}) {
        return answer(*site, surroundings, {wire::Role::admin, "alice"}, {verb, argument, options});
    }
    [[nodiscard]] bool lists(const std::string& address) const {
        return find_entry(*site->view().snapshot, *parse_address(address)) != nullptr;
    }
};

TEST(DecisionOfAPerson, TakesAnEntryOutOfAListAtOnce) {
    push(adding(hosts(0, 1300)));
    CHECK_TRUE(lists("45.40.0.0"));
    const auto decided = push(adding(hosts(3, 1300)));
    CHECK_TRUE(decided.asks.empty());
    CHECK_FALSE(lists("45.40.0.2"));
    CHECK_TRUE(lists("45.40.5.22"));
    CHECK_TRUE(site->view().plan->holds.empty());
    push(test::ControllerSite::kBlock);
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
}

TEST(DecisionOfAPerson, IsNotHeldOverARestartEither) {
    push(adding("\"45.40.16.0/22\""));
    STRCMP_EQUAL("", site.start().c_str());
    push(test::ControllerSite::kBlock);
    STRCMP_EQUAL("", site.start().c_str());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    site.write("catalog/testim.toml", test::ControllerSite::system("testim", "93.184.217.0/24"));
    STRCMP_EQUAL("", site.start().c_str()); // a release of the catalog
    STRCMP_EQUAL("93.184.217.0/24", site.listed().c_str());
    CHECK_TRUE(site->view().plan->holds.empty());
}

TEST(DecisionOfAPerson, PastTheBoundsChangesNothingUnlessItIsMeant) {
    const auto before = site.listed();
    const auto policies = site->policies(100).size();
    const auto decided = push(adding("\"38.0.0.0/8\""));
    CHECK_EQUAL(1U, decided.asks.size());
    STRCMP_EQUAL("shuts 16,777,216 IPv4 addresses, more than a /10 has",
                 decided.asks.front().c_str());
    STRCMP_EQUAL(before.c_str(), site.listed().c_str());
    CHECK_EQUAL(policies, site->policies(100).size());
    CHECK_TRUE(push(adding("\"38.0.0.0/8\""), true).asks.empty());
    CHECK_TRUE(lists("38.1.2.3"));
}

TEST(DecisionOfAPerson, CannotWidenItsOwnBounds) {
    CHECK_EQUAL(1U, push(adding("\"38.0.0.0/8\"") + "[guard]\nmost_shut_ipv4 = 2\n").asks.size());
}

TEST(DecisionOfAPerson, ToGoBackIsBoundAsWell) {
    push(adding(hosts(0, 600)));
    // Every second address is a prefix of its own: the whole list is many of them.
    std::string scattered;
    for (int i = 0; i < 100; ++i)
        scattered += fmt::format("{}\"45.41.0.{}\"", scattered.empty() ? "" : ", ", 2 * i);
    push(adding(scattered));
    const auto asked = site->rollback(1, {"bob"});
    CHECK_EQUAL(1U, asked->decided.asks.size());
    STRCMP_CONTAINS("opens 100 of 101 prefixes, more than 30 %",
                    asked->decided.asks.front().c_str());
    CHECK_TRUE(lists("45.41.0.2"));
    CHECK_TRUE(site->rollback(1, {"bob", "", "", true})->decided.asks.empty());
    CHECK_FALSE(lists("45.41.0.2"));
}

TEST(DecisionOfAPerson, IsAskedForByWhoeverCanAndRefusedToAnybodyElse) {
    const auto wide = adding("\"38.0.0.0/8\"");
    const auto refused = ask("push", wide);
    CHECK_TRUE(refused.failed == Errc::refused);
    STRCMP_EQUAL("shuts 16,777,216 IPv4 addresses, more than a /10 has: nothing was changed; --yes "
                 "says that it is meant",
                 refused.error.c_str());
    const auto asked = nlohmann::json::parse(ask("push", wide, R"({"ask":true})").json);
    CHECK_EQUAL(1U, asked["asks"].size());
    CHECK_FALSE(lists("38.1.2.3"));
    const auto done = nlohmann::json::parse(ask("push", wide, R"({"yes":true})").json);
    CHECK_TRUE(done["asks"].empty());
    CHECK_TRUE(lists("38.1.2.3"));
}

TEST(DecisionOfAPerson, SaysWhatOfItIsNotInForce) {
    const auto reply = ask("push", adding("\"10.1.0.0/16\", \"45.40.16.0/24\""));
    const auto said = nlohmann::json::parse(reply.json);
    CHECK_EQUAL(1U, said["not_in_force"].size());
    STRCMP_EQUAL("10.1.0.0/16", said["not_in_force"][0]["prefix"].get<std::string>().c_str());
    STRCMP_EQUAL("45.40.16.0/24",
                 said["changes"]["systems"][0]["added"][0]["prefix"].get<std::string>().c_str());
}

TEST(DecisionOfAPerson, IsWrittenInTheAuditAlsoWhenItWasNotMeant) {
    ask("push", adding("\"38.0.0.0/8\""), R"({"file":"wide.toml"})");
    const auto entry = site->audit_log(1)->front();
    STRCMP_CONTAINS("wide.toml", entry.detail.c_str());
    STRCMP_CONTAINS("nothing was changed", entry.result.c_str());
}

TEST(DecisionOfAPerson, ByAReloadIsRefusedLoudlyPastTheBounds) {
    const auto before = site.listed();
    site.write("policy.toml", adding("\"38.0.0.0/8\""));
    const auto refused = site->reload();
    CHECK_FALSE(refused.has_value());
    STRCMP_CONTAINS("policy.toml: shuts 16,777,216 IPv4 addresses", refused.error().what.c_str());
    STRCMP_EQUAL(before.c_str(), site.listed().c_str());
    CHECK_EQUAL(1U, site->start_faults().size());
    site.write("policy.toml", adding("\"45.40.16.0/24\""));
    STRCMP_CONTAINS("shuts 1", site->reload().value().c_str());
    CHECK_TRUE(site->start_faults().empty());
}

TEST(DecisionOfAPerson, OfTheCatalogIsFollowedByAReload) {
    site.write("catalog/testim.toml", test::ControllerSite::system("testim", "38.0.0.0/8"));
    CHECK_TRUE(site->reload().has_value());
    STRCMP_EQUAL("38.0.0.0/8", site.listed().c_str());
}
