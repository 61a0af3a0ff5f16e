// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

CatalogSystem system_with_srv(const std::string& id, DefaultAction action) {
    CatalogSystem entry;
    entry.system.id = id;
    entry.default_action = action;
    entry.srv = {"_xmpp-client._tcp." + id + ".example"};
    return entry;
}

Answer answer_of(const std::string& name, RrType type, const std::vector<std::string>& addresses,
                 Outcome outcome = Outcome::answered) {
    Answer answer;
    answer.question = {name, type};
    answer.outcome = outcome;
    answer.resolver = "192.0.2.53:53";
    answer.ttl = 60;
    for (const auto& text : addresses)
        (type == RrType::https ? answer.hints : answer.addresses).push_back(*parse_address(text));
    return answer;
}

Answer services(const std::vector<std::string>& targets) {
    auto answer = answer_of("_x._tcp.example.com", RrType::srv, {});
    for (const auto& target : targets) answer.targets.push_back({target, 5222, 0, 0});
    return answer;
}

constexpr Instant kNow{std::chrono::seconds{100}};

} // namespace

TEST_GROUP(Round){};

TEST(Round, AsksForServicesOfWhatIsStoppedOrSanctionedOnly) {
    Catalog catalog;
    catalog.systems = {system_with_srv("blocked", DefaultAction::block),
                       system_with_srv("passed", DefaultAction::pass),
                       system_with_srv("sanctioned", DefaultAction::sanction)};
    const auto owners = srv_owners(catalog, Policy{});
    CHECK_EQUAL(2U, owners.size());
    STRCMP_EQUAL("_xmpp-client._tcp.blocked.example", owners[0].name.c_str());
    STRCMP_EQUAL("sanctioned", owners[1].system.c_str());
}

TEST(Round, AnswersOfTheSameContentHaveTheSameIdentity) {
    const auto one = answer_of("a.example", RrType::a, {"198.51.100.1", "198.51.100.2"});
    auto other = answer_of("a.example", RrType::a, {"198.51.100.2", "198.51.100.1"});
    other.ttl = 7;
    CHECK_TRUE(identity_of(one) == identity_of(other));
    CHECK_FALSE(identity_of(one) ==
                identity_of(answer_of("a.example", RrType::a, {"198.51.100.1"})));
    CHECK_FALSE(identity_of(answer_of("a.example", RrType::a, {}, Outcome::nodata)) ==
                identity_of(answer_of("a.example", RrType::a, {}, Outcome::nxdomain)));
    CHECK_FALSE(identity_of(services({"a.example"})) == identity_of(services({"b.example"})));
}

TEST_GROUP(Agenda) {
    std::vector<BookName> names{{"aim", "shared.example.com", Role::shared},
                                {"irc", "shared.example.com", Role::server},
                                {"", "bank.example", Role::protected_host}};
    std::vector<SrvOwner> owners{{"xmpp", "_x._tcp.example.com"}, {"jit", "_x._tcp.example.com"}};
    Agenda agenda{names, owners, true};
    sweepgate::controller::Round round;

    /// Without any type when it is not wanted.
    [[nodiscard]] Wanted wanted(const std::string& hostname) const {
        for (const auto& each : agenda.wanted())
            if (each.hostname == hostname) return each;
        return {};
    }
};

TEST(Agenda, AsksForHttpsOfTheSystemsOwnNamesOnly) {
    CHECK_EQUAL(3U, agenda.wanted().size());
    CHECK_TRUE(wanted("shared.example.com").https && wanted("shared.example.com").addresses);
    CHECK_FALSE(wanted("bank.example").https);
    CHECK_TRUE(wanted("_x._tcp.example.com").services);
    CHECK_FALSE(wanted("_x._tcp.example.com").addresses);
    agenda = Agenda(names, owners, false);
    CHECK_FALSE(wanted("shared.example.com").https);
}

TEST(Agenda, ObservesOnceForEachReason) {
    auto answer = answer_of("shared.example.com", RrType::aaaa, {"2001:db8::1"});
    answer.authenticated = true;
    answer.chain = {"edge.example.net"};
    agenda.observe(answer, false, "paris", kNow, round);
    CHECK_EQUAL(1U, round.questions);
    CHECK_EQUAL(2U, round.observations.size());
    const auto& seen = round.observations[1];
    STRCMP_EQUAL("irc", seen.name.system.c_str());
    STRCMP_EQUAL("paris", seen.vantage.c_str());
    STRCMP_EQUAL("192.0.2.53:53", seen.resolver.c_str());
    STRCMP_EQUAL("edge.example.net", seen.chain.at(0).c_str());
    CHECK_TRUE(seen.type == Family::ipv6 && seen.time == kNow && seen.ttl == 60);
    CHECK_TRUE(seen.authenticated && !seen.fresh && seen.source == Source::dns);
}

TEST(Agenda, KeepsEveryOutcomeApart) {
    using enum NameOutcome;
    for (const auto& [outcome, expected] : {std::pair{Outcome::nodata, no_data},
                                            {Outcome::nxdomain, no_such_name},
                                            {Outcome::filtered, filtered},
                                            {Outcome::stale, stale},
                                            {Outcome::bogus, bogus},
                                            {Outcome::servfail, server_failure},
                                            {Outcome::refused, refused},
                                            {Outcome::timeout, timeout},
                                            {Outcome::malformed, malformed},
                                            {Outcome::other_rcode, malformed}}) {
        sweepgate::controller::Round one;
        agenda.observe(answer_of("bank.example", RrType::a, {}, outcome), true, "", kNow, one);
        CHECK_TRUE(one.observations.at(0).outcome == expected);
        CHECK_EQUAL(1U, one.outcomes.at(std::string(to_string(outcome))));
        CHECK_EQUAL(is_conclusive(outcome), !one.heard_nobody());
    }
}

TEST(Agenda, TakesFromAStaleAnswerItsAddressesOnly) {
    auto answer = answer_of("bank.example", RrType::a, {"198.51.100.1"});
    answer.extended_error = ExtendedError{3, {}};
    agenda.observe(answer, true, "", kNow, round);
    CHECK_EQUAL(2U, round.observations.size());
    CHECK_TRUE(round.observations[0].outcome == NameOutcome::stale);
    CHECK_TRUE(round.observations[0].addresses.empty());
    CHECK_TRUE(round.observations[1].outcome == NameOutcome::answered);
    CHECK_FALSE(round.observations[1].whole);
    CHECK_TRUE(round.heard_nobody()); // who only repeats what he once heard
    CHECK_EQUAL(1U, round.outcomes.at("STALE"));
}

TEST(Agenda, KeepsWhatIsForgedForWhatIsToBeLeftAloneOnly) {
    auto answer = answer_of("shared.example.com", RrType::a, {}, Outcome::filtered);
    answer.forged = {*parse_address("198.51.100.1")};
    agenda.observe(answer, true, "", kNow, round);
    CHECK_EQUAL(2U, round.observations.size()); // two reasons
    CHECK_EQUAL(1U, round.forged.size());
    CHECK_FALSE(round.forged[0].certain);
    STRCMP_EQUAL("what 192.0.2.53:53 says it puts in the place of shared.example.com",
                 round.forged[0].words.c_str());
    answer.question.name = "bank.example";
    agenda.observe(answer, true, "", kNow, round);
    CHECK_EQUAL(4U, round.observations.size());
    CHECK_TRUE(round.observations[2].outcome == NameOutcome::filtered);
    CHECK_TRUE(round.observations[3].name.role == Role::protected_host);
    CHECK_EQUAL(1U, round.observations[3].addresses.size());
}

TEST(Agenda, MarksHintsAndKeepsQuietOfAnHttpsRecordWithoutAny) {
    agenda.observe(answer_of("shared.example.com", RrType::https, {}), true, "", kNow, round);
    agenda.observe(answer_of("shared.example.com", RrType::https, {}, Outcome::nodata), true, "",
                   kNow, round);
    CHECK_TRUE(round.observations.empty());
    agenda.observe(answer_of("shared.example.com", RrType::https, {"198.51.100.1", "2001:db8::1"}),
                   true, "", kNow, round);
    CHECK_EQUAL(4U, round.observations.size()); // two reasons, two families
    for (const auto& seen : round.observations) {
        CHECK_TRUE(seen.source == Source::hint && seen.outcome == NameOutcome::answered);
        CHECK_EQUAL(1U, seen.addresses.size());
        CHECK_TRUE(seen.addresses[0].family == seen.type);
    }
}

TEST(Agenda, AsksForTheTargetsOfServices) {
    CHECK_TRUE(agenda.set_targets(services({"xmpp1.example.com", "XMPP2.example.com", "a b"})));
    CHECK_FALSE(agenda.set_targets(services({"xmpp2.example.com", "xmpp1.example.com"})));
    CHECK_TRUE(wanted("xmpp2.example.com").addresses);
    CHECK_EQUAL(5U, agenda.wanted().size());
    agenda.observe(answer_of("xmpp1.example.com", RrType::a, {"198.51.100.1"}), true, "", kNow,
                   round);
    CHECK_EQUAL(2U, round.observations.size());
    CHECK_TRUE(round.observations[0].name.role == Role::service);
    CHECK_TRUE(agenda.set_targets(services({"xmpp1.example.com"})));
    CHECK_FALSE(wanted("xmpp2.example.com").addresses);
}

TEST(Agenda, KeepsTargetsThroughAFailureAndAPolicyPush) {
    CHECK_TRUE(agenda.set_targets(services({"xmpp1.example.com"})));
    auto failed = services({});
    failed.outcome = Outcome::servfail;
    CHECK_FALSE(agenda.set_targets(failed));
    Agenda next(names, std::vector<SrvOwner>{owners[0]}, true);
    next.keep_targets(agenda);
    agenda = next;
    CHECK_TRUE(wanted("xmpp1.example.com").addresses);
    Agenda without(names, {}, true);
    without.keep_targets(agenda);
    agenda = without;
    CHECK_FALSE(wanted("xmpp1.example.com").addresses);
}

TEST(Agenda, BoundsTheTargetsOfAnOwner) {
    std::vector<std::string> many;
    for (int i = 0; i < 1000; ++i) many.push_back("t" + std::to_string(i) + ".example.com");
    CHECK_TRUE(agenda.set_targets(services(many)));
    CHECK_EQUAL(3U + sweepgate::controller::Agenda::kMostTargets, agenda.wanted().size());
}
