// SPDX-License-Identifier: Apache-2.0
// From the shipped catalog, a policy and what a sweep found to a snapshot that a gate could hold.
#include "controlplane/guard/snapshot_plan.hpp"

#include <algorithm>

#include "controlplane/model/judge.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const Catalog& catalog() { return test::shipped_catalog(); }

BookEntry seen(const std::string& system, const std::string& hostname, const std::string& address,
               Role role = Role::server) {
    BookEntry entry;
    entry.name = {system, hostname, role};
    entry.address = *parse_address(address);
    entry.first_seen = Instant{std::chrono::hours{1}};
    entry.last_seen = Instant{std::chrono::hours{10}};
    entry.in_force = true;
    return entry;
}

const std::string kPolicy = "[defaults]\naction = 'pass'\n[systems]\nirc = 'block'\n"
                            "whatsapp = 'reject'\nslack = 'sanction'\n"
                            "[[sanctioned]]\nname = 'ours'\nhostnames = ['xmpp.example.com']\n"
                            "prefixes = ['203.0.113.10']\n"
                            "[never_block]\nprefixes = ['45.9.0.80']\n"
                            "hostnames = ['www.example.com']\n";

} // namespace

TEST_GROUP(SnapshotPlan) {
    Policy policy;
    std::vector<BookEntry> entries;
    GuardContext context;

    void setup() override { decide(kPolicy); }
    void decide(const std::string& text) {
        auto parsed = parse_policy(text, "policy.toml", catalog());
        if (!parsed) FAIL(parsed.error().what.c_str());
        policy = *parsed;
    }
    SnapshotPlan plan(const LastGood& last_good = {}) {
        auto made = assemble(catalog(), policy, entries, context, last_good);
        if (!made) FAIL(made.error().what.c_str());
        return *made;
    }
    Snapshot snapshot(const LastGood& last_good = {}) {
        auto built = build_snapshot(plan(last_good).parts, 1, {}, {});
        if (!built) FAIL(built.error().what.c_str());
        return *built;
    }
    static Decision at(const Snapshot& rules, const std::string& address, std::uint16_t port) {
        return judge(
            rules, {*parse_address("100.100.0.1"), *parse_address(address), 6, Ports{40000, port}});
    }
    /// irc with `count` addresses from 45.0.0.0 on.
    void fill_irc(unsigned count) {
        entries.clear();
        for (unsigned i = 0; i < count; ++i)
            entries.push_back(seen("irc", "irc.oftc.net", to_string(ipv4(0x2D000000 + 2 * i))));
    }
};

TEST(SnapshotPlan, EnforcesWhatWasFoundAndListed) {
    entries = {seen("irc", "irc.libera.chat", "45.0.0.1"),
               seen("whatsapp", "e1.whatsapp.net", "45.0.0.2")};
    const auto rules = snapshot();
    CHECK_EQUAL(2U, rules.rules.systems.size());
    CHECK_TRUE(at(rules, "45.0.0.1", 443).action == Action::drop);
    CHECK_TRUE(at(rules, "45.0.0.2", 443).action == Action::reject);
    CHECK_TRUE(at(rules, "31.13.64.60", 443).action == Action::reject); // from the catalog
    CHECK_TRUE(at(rules, "45.0.0.3", 6667).action == Action::pass);
}

TEST(SnapshotPlan, KeepsSharedAddressesOffTheWeb) {
    entries = {seen("irc", "web.libera.chat", "45.0.0.1", Role::shared),
               seen("whatsapp", "web.whatsapp.com", "45.0.0.2", Role::shared)};
    auto rules = snapshot();
    CHECK_TRUE(at(rules, "45.0.0.1", 6667).action == Action::drop);
    CHECK_TRUE(at(rules, "45.0.0.1", 443).action == Action::pass);
    CHECK_TRUE(at(rules, "45.0.0.2", 5222).action == Action::reject);
    CHECK_TRUE(at(rules, "45.0.0.2", 443).action == Action::pass);
    decide("[systems]\nwhatsapp = 'reject'\n[defaults]\naction = 'pass'\nshared_web = true\n");
    rules = snapshot();
    CHECK_TRUE(at(rules, "45.0.0.2", 443).action == Action::reject);
    CHECK_TRUE(at(rules, "45.0.0.2", 444).action == Action::pass);
}

TEST(SnapshotPlan, CarriesThatTunnelsAreInspected) {
    CHECK_FALSE(snapshot().rules.inspect_tunnels);
    decide(kPolicy + "[inspect]\ntunnels = true\n");
    CHECK_TRUE(snapshot().rules.inspect_tunnels);
}

TEST(SnapshotPlan, AllowsSanctionedServersFirst) {
    entries = {seen("", "xmpp.example.com", "45.0.0.9", Role::sanctioned),
               seen("slack", "edgeapi.slack.com", "45.0.0.8"),
               seen("irc", "irc.libera.chat", "45.0.0.9")};
    const auto& names = catalog().find("slack")->hostnames;
    CHECK_FALSE(names.empty());
    entries[1].name.hostname = names.front();
    const auto made = plan();
    const auto rules = snapshot();
    CHECK_TRUE(is_allowed(rules, *parse_address("45.0.0.9")));
    CHECK_TRUE(is_allowed(rules, *parse_address("45.0.0.8")));
    CHECK_TRUE(is_allowed(rules, *parse_address("203.0.113.10")));
    const auto refused = made.refused();
    CHECK_EQUAL(1U, refused.size());
    STRCMP_EQUAL("sanctioned: xmpp.example.com", refused[0].reason.c_str());
}

TEST(SnapshotPlan, RefusesProtectedAndNeverBlocked) {
    entries = {seen("", "www.chase.com", "45.0.0.1", Role::protected_host),
               seen("", "www.example.com", "45.0.0.2", Role::never_block),
               seen("irc", "irc.libera.chat", "45.0.0.1"),
               seen("irc", "irc.libera.chat", "45.0.0.2"),
               seen("irc", "irc.libera.chat", "45.9.0.80"),
               seen("irc", "irc.libera.chat", "10.0.0.1")};
    const auto refused = plan().refused();
    CHECK_EQUAL(4U, refused.size());
    STRCMP_EQUAL("protected: www.chase.com (bank)", refused[0].reason.c_str());
    STRCMP_EQUAL("on the never-block list: www.example.com", refused[1].reason.c_str());
    STRCMP_EQUAL("on the never-block list: 45.9.0.80/32", refused[2].reason.c_str());
    STRCMP_EQUAL("not a public address: private (10.0.0.0/8)", refused[3].reason.c_str());
}

TEST(SnapshotPlan, AllowsAProtectedAddressInsideAListedPrefix) {
    decide("[defaults]\naction = 'pass'\n[systems]\ntelegram = 'block'\n");
    entries = {seen("", "www.chase.com", "149.154.160.99", Role::protected_host)};
    const auto rules = snapshot();
    CHECK_TRUE(at(rules, "149.154.160.99", 443).action == Action::pass);
    CHECK_TRUE(at(rules, "149.154.160.98", 443).action == Action::drop);
    CHECK_EQUAL(1U, rules.rules.allow.size());
}

TEST(SnapshotPlan, TakesClosedSystemsPrefixesOnRequestOnly) {
    decide("[defaults]\naction = 'pass'\n[systems]\naim = 'block'\n");
    CHECK_TRUE(at(snapshot(), "64.12.24.5", 5190).action == Action::pass);
    decide("[defaults]\naction = 'pass'\nhistorical_static = true\n[systems]\naim = 'block'\n");
    CHECK_TRUE(at(snapshot(), "64.12.24.5", 5190).action == Action::drop);
}

TEST(SnapshotPlan, JudgesGroupsApart) {
    decide("[defaults]\naction = 'pass'\n[[group]]\nname = 'lab'\nsources = ['100.100.0.0/24']\n"
           "systems = { irc = 'block' }\n");
    entries = {seen("irc", "irc.libera.chat", "45.0.0.1")};
    const auto rules = snapshot();
    CHECK_TRUE(at(rules, "45.0.0.1", 80).action == Action::drop);
    CHECK_TRUE(
        judge(rules, {*parse_address("100.101.0.1"), *parse_address("45.0.0.1"), 6, {}}).action ==
        Action::pass);
}

TEST(SnapshotPlan, DropsNamesThatTheCatalogNoLongerHas) {
    entries = {seen("irc", "old.example.org", "45.0.0.1"),
               seen("gone", "a.example.org", "45.0.0.2"), seen("icq", "login.icq.com", "45.0.0.3"),
               seen("", "old.example.com", "45.0.0.4", Role::sanctioned)};
    decide("[defaults]\naction = 'pass'\n[systems]\nirc = 'block'\n");
    const auto made = plan();
    CHECK_TRUE(made.parts.listings.empty());
    CHECK_TRUE(made.parts.allow.empty());
}

TEST(SnapshotPlan, NamesWhatHasToBeSwept) {
    const auto names = names_to_sweep(catalog(), policy);
    const auto has = [&](const BookName& name) {
        return std::binary_search(names.begin(), names.end(), name);
    };
    CHECK_TRUE(has({"irc", "irc.libera.chat", Role::server}));
    CHECK_TRUE(has({"irc", "web.libera.chat", Role::shared}));
    CHECK_TRUE(has({"", "www.chase.com", Role::protected_host}));
    CHECK_TRUE(has({"", "xmpp.example.com", Role::sanctioned}));
    CHECK_TRUE(has({"", "www.example.com", Role::never_block}));
    CHECK_TRUE(has({"slack", catalog().find("slack")->hostnames.front(), Role::server}));
    CHECK_FALSE(has({"aim", "login.oscar.aol.com", Role::server})); // passed
}

TEST(SnapshotPlan, HoldsTheLastGoodSetWhenOneEmpties) {
    fill_irc(3);
    const auto before = snapshot();
    fill_irc(0);
    const auto made = plan({&before, {}});
    CHECK_EQUAL(1U, made.holds.size());
    STRCMP_EQUAL("irc", made.holds[0].system.c_str());
    STRCMP_EQUAL("would be empty; 3 addresses before", made.holds[0].reason.c_str());
    CHECK_TRUE(at(snapshot({&before, {}}), "45.0.0.4", 80).action == Action::drop);
    CHECK_TRUE(at(snapshot({&before, {"irc"}}), "45.0.0.4", 80).action == Action::pass);
}

TEST(SnapshotPlan, KeepsNoSinkholeInALastGoodSet) {
    fill_irc(1);
    const auto address = entries.back().address;
    const auto before = snapshot();
    context.sinkholes = {{host(address), "what 192.0.2.53 says"}};
    CHECK_EQUAL(1U, plan({&before, {}}).holds.size()); // the set would be empty: tell somebody
    const auto now = snapshot({&before, {}});
    CHECK_TRUE(at(now, to_string(address), 80).action == Action::pass);
}

TEST(SnapshotPlan, HoldsWildGrowthAndKeepsTheOldSet) {
    fill_irc(100);
    const auto before = snapshot();
    fill_irc(200);
    const auto made = plan({&before, {}});
    STRCMP_EQUAL("would gain 100 addresses on 100, more than 50 %",
                 made.holds.at(0).reason.c_str());
    CHECK_TRUE(digest_of(snapshot({&before, {}})) == digest_of(before));
}

TEST(SnapshotPlan, LetsAYoungSystemGrow) {
    fill_irc(100);
    const auto before = snapshot();
    fill_irc(200);
    for (auto& entry : entries) entry.first_seen = entry.last_seen - std::chrono::minutes{30};
    CHECK_TRUE(plan({&before, {}}).holds.empty());
}

TEST(SnapshotPlan, JudgesAHeldSetAgain) {
    fill_irc(3);
    const auto before = snapshot();
    fill_irc(0);
    entries.push_back(seen("", "www.chase.com", "45.0.0.4", Role::protected_host));
    const auto rules = snapshot({&before, {}});
    CHECK_TRUE(at(rules, "45.0.0.4", 80).action == Action::pass);
    CHECK_TRUE(at(rules, "45.0.0.2", 80).action == Action::drop);
}

TEST(SnapshotPlan, DoesNotHoldWhatPolicyTakesOut) {
    fill_irc(3);
    const auto before = snapshot();
    decide("[defaults]\naction = 'pass'\n");
    const auto made = plan({&before, {}});
    CHECK_TRUE(made.holds.empty());
    CHECK_TRUE(made.parts.listings.empty());
}

TEST(SnapshotPlan, EnforcesWhatAnSrvRecordOfTheSystemPointsTo) {
    decide("[defaults]\naction = 'pass'\n[systems]\nxmpp = 'block'\n");
    entries = {seen("xmpp", "c2s.hosting.example", "45.1.2.3", Role::service),
               seen("xmpp", "c2s.jabber.org", "45.1.2.4", Role::service)};
    const auto rules = snapshot();
    // Whose server hosting.example is besides, nobody here knows.
    CHECK_TRUE(at(rules, "45.1.2.3", 5222).action == Action::drop);
    CHECK_TRUE(at(rules, "45.1.2.3", 443).action == Action::pass);
    CHECK_TRUE(at(rules, "45.1.2.4", 443).action == Action::drop);
}

TEST(SnapshotPlan, ForgetsSrvTargetsOfASystemThatIsPassedOrHasNoSrvRecords) {
    decide("[defaults]\naction = 'pass'\n[systems]\nirc = 'block'\n");
    entries = {seen("xmpp", "c2s.hosting.example", "45.1.2.3", Role::service),
               seen("irc", "old.example.net", "45.1.2.4", Role::service)};
    CHECK_TRUE(snapshot().entries.empty());
}

TEST(SnapshotPlan, NeverEnforcesAProtectedHostThatAnSrvRecordPointsTo) {
    decide("[defaults]\naction = 'pass'\n[systems]\nxmpp = 'block'\n");
    entries = {seen("xmpp", "www.chase.com", "45.1.2.3", Role::service),
               seen("", "www.chase.com", "45.1.2.3", Role::protected_host)};
    CHECK_TRUE(at(snapshot(), "45.1.2.3", 443).action == Action::pass);
}
