// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/policy.hpp"

#include "controlplane/config/document.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const Catalog& catalog() { return test::shipped_catalog(); }

const CatalogSystem& entry(std::string_view id) {
    const auto* found = catalog().find(id);
    if (found == nullptr) FAIL("no such system in the catalog");
    return *found;
}

Policy policy_of(std::string_view text) {
    auto policy = parse_policy(text, "policy.toml", catalog());
    if (!policy) FAIL(policy.error().what.c_str());
    return *policy;
}

std::string fault_of(std::string_view text) {
    const auto policy = parse_policy(text, "policy.toml", catalog());
    return policy ? "accepted" : policy.error().what;
}

} // namespace

namespace sweepgate {
SimpleString StringFrom(Treatment treatment) { return std::string(to_string(treatment)).c_str(); }
SimpleString StringFrom(Action action) { return std::string(to_string(action)).c_str(); }
} // namespace sweepgate

TEST_GROUP(Policy){};

TEST(Policy, LeavesTheCatalogToDecideWhenSilent) {
    const auto policy = policy_of("");
    CHECK_EQUAL(Treatment::block, policy.treatment(entry("aim")));
    CHECK_EQUAL(Treatment::sanction, policy.treatment(entry("sametime")));
    CHECK_FALSE(policy.historical_static);
    CHECK_FALSE(policy.inspect_tunnels);
    CHECK_FALSE(policy.enforces(entry("sametime")));
    CHECK_TRUE(policy.enforces(entry("aim")));
}

TEST(Policy, PrefersSystemToCategoryToDefaultToCatalog) {
    const auto policy = policy_of("[defaults]\naction = 'monitor'\n[categories]\nirc = 'reject'\n"
                                  "im = 'pass'\n[systems]\naim = 'block'\n");
    CHECK_EQUAL(Treatment::block, policy.treatment(entry("aim")));
    CHECK_EQUAL(Treatment::pass, policy.treatment(entry("icq")));
    CHECK_EQUAL(Treatment::reject, policy.treatment(entry("irc")));
    CHECK_EQUAL(Treatment::monitor, policy.treatment(entry("napster")));
}

TEST(Policy, GivesAGroupItsOwnActions) {
    const auto policy = policy_of("[systems]\naim = 'block'\nicq = 'reject'\n[[group]]\n"
                                  "name = 'desk'\nsources = ['192.0.2.0/24']\n"
                                  "systems = { aim = 'pass' }\ncategories = { im = 'monitor' }\n");
    CHECK_EQUAL(Action::drop, policy.action(0, entry("aim")));
    CHECK_EQUAL(Action::pass, policy.action(1, entry("aim")));
    CHECK_EQUAL(Action::monitor, policy.action(1, entry("icq")));
    CHECK_EQUAL(Action::drop, policy.action(1, entry("irc")));
    CHECK_TRUE(policy.enforces(entry("aim")));
}

TEST(Policy, KeepsSanctionsInAGroupThatBlocksAllElse) {
    const auto policy = policy_of("[defaults]\naction = 'pass'\n[systems]\nslack = 'sanction'\n"
                                  "[[group]]\nname = 'quarantine'\nsources = ['192.0.2.0/24']\n"
                                  "action = 'block'\ncategories = { corporate = 'block' }\n");
    CHECK_EQUAL(Action::pass, policy.action(1, entry("slack")));
    CHECK_EQUAL(Action::drop, policy.action(1, entry("aim")));
    CHECK_EQUAL(Action::pass, policy.action(0, entry("aim")));
    CHECK_TRUE(policy.enforces(entry("aim")));
}

TEST(Policy, ReadsServersListsAndBounds) {
    const auto policy =
        policy_of("[[sanctioned]]\nname = 'ours'\nhostnames = ['XMPP.example.com']\n"
                  "prefixes = ['203.0.113.10']\n[never_block]\nhostnames = ['www.example.com']\n"
                  "prefixes = ['203.0.113.80/32']\n[own]\nprefixes = ['10.0.0.0/8']\n"
                  "[guard]\ntreat_as_public = ['198.18.0.0/15']\nmost_added = 7\nsmall_set = "
                  "2\nlearning_minutes = 0\n"
                  "most_growth_percent = 20\nmost_shrink_percent = 10\n");
    STRCMP_EQUAL("xmpp.example.com", policy.sanctioned.at(0).hostnames.at(0).c_str());
    CHECK_TRUE(policy.sanctioned[0].prefixes.at(0) == *parse_prefix("203.0.113.10/32"));
    CHECK_EQUAL(1U, policy.never_block.prefixes.size());
    CHECK_EQUAL(1U, policy.own.size());
    CHECK_EQUAL(1U, policy.treat_as_public.size());
    CHECK_EQUAL(7U, policy.bounds.most_added);
    CHECK_EQUAL(20U, policy.bounds.most_growth_percent);
    CHECK_EQUAL(10U, policy.bounds.most_shrink_percent);
    CHECK_EQUAL(2U, policy.bounds.small_set);
    CHECK_EQUAL(0, policy.bounds.learning.count());
}

TEST(Policy, ExampleThatShipsIsValid) {
    const auto policy = load_policy(EXAMPLE_POLICY, catalog());
    if (!policy) FAIL(policy.error().what.c_str());
    CHECK_EQUAL(Treatment::reject, policy->treatment(entry("whatsapp")));
    CHECK_EQUAL(Treatment::monitor, policy->treatment(entry("slack")));
    CHECK_EQUAL(Treatment::monitor, policy->treatment(entry("napster")));
    CHECK_EQUAL(Action::pass, policy->action(1, entry("telegram")));
    CHECK_EQUAL(Action::reject, policy->action(2, entry("napster")));
    const ChangeBounds defaults;
    CHECK_EQUAL(defaults.most_added, policy->bounds.most_added);
    CHECK_EQUAL(defaults.small_set, policy->bounds.small_set);
    CHECK_EQUAL(defaults.learning.count(), policy->bounds.learning.count());
    CHECK_EQUAL(defaults.most_growth_percent, policy->bounds.most_growth_percent);
    CHECK_EQUAL(defaults.most_shrink_percent, policy->bounds.most_shrink_percent);
}

TEST_GROUP(PolicyFault){};

TEST(PolicyFault, SuggestsTheNearestSystem) {
    STRCMP_EQUAL("policy.toml:2:1: unknown system 'whatsap'; did you mean 'whatsapp'?",
                 fault_of("[systems]\nwhatsap = 'block'\n").c_str());
    STRCMP_EQUAL("policy.toml:2:1: unknown system 'frobnicator'",
                 fault_of("[systems]\nfrobnicator = 'block'\n").c_str());
}

TEST(PolicyFault, SuggestsTheNearestCategory) {
    STRCMP_EQUAL("policy.toml:3:1: unknown category 'corprate'; did you mean 'corporate'?",
                 fault_of("[categories]\nim = 'block'\ncorprate = 'block'\n").c_str());
}

TEST(PolicyFault, NamesAnUnknownAction) {
    STRCMP_EQUAL("policy.toml:2:7: aim = 'drop' is not pass, monitor, limit, reject, block or "
                 "sanction; did you mean 'block'?",
                 fault_of("[systems]\naim = 'drop'\n").c_str());
    STRCMP_EQUAL(
        "policy.toml:2:10: action = 'x' is not pass, monitor, limit, reject, block or sanction",
        fault_of("[defaults]\naction = 'x'\n").c_str());
}

TEST(PolicyFault, NamesAnUnknownKey) {
    STRCMP_EQUAL("policy.toml:2:1: unknown key 'historical'; did you mean 'historical_static'?",
                 fault_of("[defaults]\nhistorical = true\n").c_str());
    STRCMP_EQUAL("policy.toml:1:3: unknown table 'groups'; did you mean 'group'?",
                 fault_of("[[groups]]\nname = 'x'\n").c_str());
}

TEST(PolicyFault, IsASourceInTwoGroups) {
    STRCMP_EQUAL("policy.toml:6:12: source 192.0.2.0/24 of group 'b' already stands in group 'a'",
                 fault_of("[[group]]\nname = 'a'\nsources = ['192.0.2.0/24']\n[[group]]\n"
                          "name = 'b'\nsources = ['192.0.2.0/24']\n")
                     .c_str());
}

TEST(PolicyFault, IsAGroupWithoutSourcesOrName) {
    STRCMP_EQUAL("policy.toml:1:1: group 'a' has no sources",
                 fault_of("[[group]]\nname = 'a'\n").c_str());
    STRCMP_CONTAINS("group name 'Every One' is not", fault_of("[[group]]\nname = 'Every One'\n"
                                                              "sources = ['192.0.2.0/24']\n")
                                                         .c_str());
    STRCMP_EQUAL("policy.toml:5:8: group 'a' stands twice",
                 fault_of("[[group]]\nname = 'a'\nsources = ['192.0.2.0/24']\n[[group]]\n"
                          "name = 'a'\nsources = ['198.51.100.0/24']\n")
                     .c_str());
}

TEST(PolicyFault, IsAGroupThatTouchesSanctions) {
    const std::string group = "[[group]]\nname = 'a'\nsources = ['192.0.2.0/24']\n";
    STRCMP_EQUAL("policy.toml:4:19: group 'a' cannot sanction 'aim': that holds for everyone; "
                 "use pass",
                 fault_of(group + "systems = { aim = 'sanction' }\n").c_str());
    STRCMP_EQUAL("policy.toml:4:10: group 'a' cannot sanction: that holds for everyone; use pass",
                 fault_of(group + "action = 'sanction'\n").c_str());
    STRCMP_EQUAL("policy.toml:4:24: group 'a' would block 'sametime', which is sanctioned for "
                 "everyone; make it pass for everyone first",
                 fault_of(group + "systems = { sametime = 'block' }\n").c_str());
}

TEST(PolicyFault, IsABadPrefixOrHostname) {
    STRCMP_CONTAINS("policy.toml:2:13: ", fault_of("[own]\nprefixes = ['10.0.0.1/8']\n").c_str());
    STRCMP_CONTAINS("10.0.0.1/8", fault_of("[own]\nprefixes = ['10.0.0.1/8']\n").c_str());
    STRCMP_EQUAL("policy.toml:2:14: hostname '*.a.org' is a wildcard: it cannot be asked for, "
                 "list the names it stands for",
                 fault_of("[never_block]\nhostnames = ['*.a.org']\n").c_str());
}

TEST(Policy, OpensTunnelsWhenToldTo) {
    CHECK_TRUE(policy_of("[inspect]\ntunnels = true\n").inspect_tunnels);
    CHECK_FALSE(policy_of("[inspect]\ntunnels = false\n").inspect_tunnels);
    STRCMP_EQUAL("policy.toml:2:1: unknown key 'tunnel'; did you mean 'tunnels'?",
                 fault_of("[inspect]\ntunnel = true\n").c_str());
}

TEST(PolicyFault, IsASanctionForHalfTheInternet) {
    STRCMP_EQUAL("policy.toml:3:12: sanctioned 0.0.0.0/0 is wider than /8",
                 fault_of("[[sanctioned]]\nname = 'all'\nprefixes = ['0.0.0.0/0']\n").c_str());
    STRCMP_EQUAL("policy.toml:2:12: own 0.0.0.0/1 is wider than /8",
                 fault_of("[own]\nprefixes = ['10.0.0.0/8', '0.0.0.0/1']\n").c_str());
    STRCMP_EQUAL("policy.toml:2:12: never_block 2000::/3 is wider than /16",
                 fault_of("[never_block]\nprefixes = ['2000::/3']\n").c_str());
    CHECK_EQUAL(2U, policy_of("[own]\nprefixes = ['fc00::/7', 'fe80::/10']\n").own.size());
    STRCMP_EQUAL("policy.toml:2:12: own f800::/5 is wider than /16",
                 fault_of("[own]\nprefixes = ['f800::/5']\n").c_str());
    STRCMP_EQUAL("policy.toml:1:1: sanctioned 'none' has neither hostnames nor prefixes",
                 fault_of("[[sanctioned]]\nname = 'none'\n").c_str());
}

TEST(PolicyFault, IsAMissingFile) {
    const auto policy = load_policy("/nonexistent/policy.toml", catalog());
    CHECK_TRUE(policy.error().code == Errc::io);
    STRCMP_EQUAL("/nonexistent/policy.toml: No such file or directory",
                 policy.error().what.c_str());
}

TEST(PolicyFault, IsFoundInAFileCutAtEveryByte) {
    const auto whole = *config::read_file(EXAMPLE_POLICY, 65536);
    for (std::size_t size = whole.find("[own]"); size < whole.size(); ++size) {
        const auto cut = parse_policy(std::string_view(whole).substr(0, size), "cut", catalog());
        if (!cut) STRCMP_CONTAINS("cut:", cut.error().what.c_str());
    }
    const auto open = whole.find("prefixes = [\"192.0.2.0/24\"") + 20;
    CHECK_FALSE(parse_policy(std::string_view(whole).substr(0, open), "cut", catalog()));
}

TEST_GROUP(PolicySchedule){static std::string fault(const std::string& lines){return fault_of(
    "[[group]]\nname = 'guests'\nsources = ['192.0.2.0/24']\n[[schedule]]\n" + lines);
}
}
;

TEST(PolicySchedule, SaysWhatHoldsAtItsHours) {
    const auto policy = policy_of(
        "[systems]\naim = 'block'\nslack = 'sanction'\n[categories]\nirc = 'pass'\n"
        "[[group]]\nname = 'guests'\nsources = ['192.0.2.0/24']\n"
        "[[schedule]]\nname = 'lunch'\ndays = ['mon', 'fri']\nfrom = '12:00'\nto = '24:00'\n"
        "clock = 'utc'\nsystems = { aim = 'pass' }\n"
        "[[schedule]]\nname = 'night'\nfrom = '22:00'\nto = '06:00'\ngroups = ['guests']\n"
        "action = 'reject'\n");
    const auto& lunch = policy.schedules[0];
    const auto& night = policy.schedules[1];
    CHECK_EQUAL(0x11, lunch.days);
    CHECK_EQUAL(720, lunch.from);
    CHECK_EQUAL(0, lunch.to);
    CHECK_TRUE(lunch.clock == Clock::utc);
    CHECK_EQUAL(kEveryDay, night.days);
    CHECK_TRUE(night.clock == Clock::local);
    CHECK_EQUAL(Action::pass, *policy.action(lunch, 0, entry("aim")));
    CHECK_EQUAL(Action::pass, *policy.action(lunch, 1, entry("aim")));
    CHECK_FALSE(policy.action(lunch, 0, entry("icq")).has_value());
    CHECK_FALSE(policy.action(night, 0, entry("aim")).has_value());
    CHECK_EQUAL(Action::reject, *policy.action(night, 1, entry("aim")));
    CHECK_FALSE(policy.action(night, 1, entry("slack")).has_value()); // stays sanctioned
    CHECK_TRUE(policy.enforces(entry("irc"))); // at night only, and its names are swept all day
}

TEST(PolicySchedule, IsRefusedNamingLineAndValue) {
    const std::string hours = "from = '08:00'\nto = '18:00'\n";
    const auto with = [&](const std::string& lines) {
        return fault("name = 'work'\n" + hours + lines);
    };
    STRCMP_EQUAL("accepted", with("action = 'block'").c_str());
    STRCMP_EQUAL("policy.toml:8:9: unknown day 'mo'; did you mean 'mon'?; days are mon to sun",
                 with("days = ['mo']\naction = 'block'").c_str());
    STRCMP_CONTAINS(":8:8: a schedule without a day", with("days = []\naction = 'pass'").c_str());
    STRCMP_EQUAL("policy.toml:8:11: unknown group 'guest'; did you mean 'guests'?",
                 with("groups = ['guest']\naction = 'block'").c_str());
    STRCMP_CONTAINS(":8:10: an empty list of groups", with("groups = []\naction = 'pass'").c_str());
    STRCMP_EQUAL("policy.toml:8:13: unknown system 'whatsap'; did you mean 'whatsapp'?",
                 with("systems = { whatsap = 'block' }").c_str());
    STRCMP_CONTAINS(":8:9: clock = 'CET' is not local or utc", with("clock = 'CET'").c_str());
    STRCMP_CONTAINS("says nothing", with("").c_str());
    STRCMP_CONTAINS("cannot sanction", with("action = 'sanction'").c_str());
    STRCMP_CONTAINS("schedule 'work' would block 'slack', which is sanctioned for everyone",
                    with("systems = { slack = 'block' }\n[systems]\nslack = 'sanction'").c_str());
    STRCMP_CONTAINS(":8:1: unknown key 'at'", with("at = 1\naction = 'block'").c_str());
    for (const auto* hour : {"8:00", "24:00", "25:00", "08:60", "0800", ""})
        STRCMP_EQUAL(
            ("policy.toml:6:8: from = '" + std::string(hour) +
             "' is not an hour like '08:00' or '17:45'")
                .c_str(),
            fault("name = 'x'\nfrom = '" + std::string(hour) + "'\nto = '09:00'\n").c_str());
    STRCMP_CONTAINS("missing key 'to'", fault("name = 'x'\nfrom = '09:00'\n").c_str());
    STRCMP_CONTAINS("schedule name 'Work'", fault("name = 'Work'\n" + hours).c_str());
    STRCMP_CONTAINS("'work' stands twice", with("action = 'pass'\n[[schedule]]\nname = 'work'\n" +
                                                hours + "action = 'pass'\n")
                                               .c_str());
}

TEST(Policy, LimitsSystemsToARate) {
    const auto silent = policy_of("[systems]\naim = 'limit'\n");
    CHECK_EQUAL(Action::limit, silent.action(0, entry("aim")));
    CHECK_TRUE(silent.enforces(entry("aim")));
    CHECK_EQUAL(100U, silent.packets_per_second(entry("aim")));
    const auto policy = policy_of("[limits]\npackets_per_second = 7\n[limits.systems]\nicq = 1\n");
    CHECK_EQUAL(7U, policy.packets_per_second(entry("aim")));
    CHECK_EQUAL(1U, policy.packets_per_second(entry("icq")));
    STRCMP_EQUAL("policy.toml:2:22: packets_per_second = 0 is not within 1..1000000",
                 fault_of("[limits]\npackets_per_second = 0\n").c_str());
    STRCMP_EQUAL("policy.toml:2:7: aim = 1000001 is not within 1..1000000",
                 fault_of("[limits.systems]\naim = 1000001\n").c_str());
    STRCMP_EQUAL("policy.toml:2:1: unknown system 'icqq'; did you mean 'icq'?",
                 fault_of("[limits.systems]\nicqq = 5\n").c_str());
    STRCMP_EQUAL(
        "policy.toml:2:1: unknown key 'bytes_per_second'; did you mean 'packets_per_second'?",
        fault_of("[limits]\nbytes_per_second = 5\n").c_str());
}
