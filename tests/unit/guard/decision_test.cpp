// SPDX-License-Identifier: Apache-2.0
// The bounds hold what DNS does by itself; what a person or a catalog release decides is in force.
#include <algorithm>

#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/model/judge.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const std::string kIrc = "[defaults]\naction = 'pass'\n[systems]\nirc = 'block'\n";

std::string added(const std::string& what) {
    return kIrc + "[[add]]\nsystem = 'irc'\n" + what + "\n";
}

std::string hosts(unsigned first, unsigned count) {
    std::string list;
    for (unsigned i = 0; i < count; ++i)
        list += (i == 0 ? "'" : ", '") + to_string(ipv4(0x2D280000 + first + i)) + "'";
    return "prefixes = [" + list + "]";
}

} // namespace

TEST_GROUP(Decision) {
    Catalog catalog = test::shipped_catalog();
    std::vector<BookEntry> entries;
    GuardContext context;
    NamesAsked asked;
    std::string in_force;
    Snapshot published;
    SnapshotPlan made;
    static constexpr Instant kNow{std::chrono::hours{10}};

    void see(const std::string& hostname, unsigned first, unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            BookEntry entry;
            entry.name = {"irc", hostname, Role::server};
            entry.address = ipv4(first + 2 * i);
            entry.first_seen = Instant{std::chrono::hours{1}};
            entry.last_seen = kNow;
            entry.in_force = true;
            entries.push_back(entry);
        }
    }
    void forget(const std::string& hostname) {
        std::erase_if(entries, [&](const auto& each) { return each.name.hostname == hostname; });
    }
    [[nodiscard]] Policy policy(const std::string& text) const {
        auto parsed = parse_policy(text, "policy.toml", catalog);
        if (!parsed) FAIL(parsed.error().what.c_str());
        return *parsed;
    }
    void publish(const LastGood& last_good) {
        auto plan = assemble(catalog, policy(in_force), entries, context, last_good);
        if (!plan) FAIL(plan.error().what.c_str());
        published = build_snapshot(plan->parts, published.generation + 1, {}, {}).value();
        made = std::move(*plan);
    }
    void start(const std::string& text) {
        in_force = text;
        publish({});
    }
    /// DNS has moved.
    void sweep(const std::set<std::string>& approved = {}) {
        const auto before = made.dns;
        const auto out = published;
        LastGood last_good{&out, approved};
        last_good.dns = &before;
        last_good.asked = asked;
        publish(last_good);
    }
    /// A person pushes another policy; `catalog` may have changed too.
    void push(const std::string& text, const Catalog& old) {
        const auto out = published;
        LastGood last_good{&out, {}};
        last_good.dns = &made.dns;
        const auto before = dns_part(old, parse_policy(in_force, "policy.toml", old).value(),
                                     entries, context, last_good);
        last_good.dns = &before;
        last_good.decided = true;
        last_good.asked = asked;
        in_force = text;
        publish(last_good);
    }
    void push(const std::string& text) { push(text, catalog); }
    [[nodiscard]] bool stops(const std::string& address) const {
        return judge(published,
                     {*parse_address("100.100.0.1"), *parse_address(address), 6, Ports{40000, 443}})
                   .action == Action::drop;
    }
};

TEST(Decision, TakesAListedPrefixOutAtOnce) {
    see("irc.libera.chat", 0x2D000000, 20);
    start(added("prefixes = ['45.40.16.0/22']"));
    CHECK_TRUE(stops("45.40.16.9"));
    push(kIrc);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.40.16.9"));
    CHECK_TRUE(stops("45.0.0.2"));
}

TEST(Decision, TakesTheOnlyListedPrefixOutAtOnce) {
    start(added("prefixes = ['45.40.16.0/22']"));
    push(kIrc);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.40.16.9"));
    sweep();
    CHECK_TRUE(made.holds.empty());
}

TEST(Decision, SwapsThreeOfAThousandListedAddresses) {
    start(added(hosts(0, 1300)));
    push(added(hosts(3, 1300)));
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.40.0.2"));
    CHECK_TRUE(stops("45.40.0.3"));
    CHECK_TRUE(stops("45.40.5.22"));
}

TEST(Decision, HoldsWhatDnsDidInTheSamePushAndNothingOfThePush) {
    see("irc.libera.chat", 0x2D000000, 100);
    start(added("prefixes = ['45.40.16.0/24']"));
    see("irc.oftc.net", 0x2D010000, 80); // past the bounds, seen with the push only
    push(added("prefixes = ['45.40.17.0/24']"));
    CHECK_EQUAL(1U, made.holds.size());
    STRCMP_EQUAL("would gain 80 addresses on 100, more than 50 %", made.holds[0].reason.c_str());
    CHECK_FALSE(stops("45.1.0.2"));
    CHECK_TRUE(stops("45.0.0.2"));
    CHECK_FALSE(stops("45.40.16.9"));
    CHECK_TRUE(stops("45.40.17.9"));
}

TEST(Decision, IsFollowedWhileTheSameSystemIsHeldForShrinking) {
    see("irc.libera.chat", 0x2D000000, 100);
    start(added("prefixes = ['45.40.16.0/24']"));
    forget("irc.libera.chat");
    see("irc.libera.chat", 0x2D000000, 10);
    sweep();
    STRCMP_EQUAL("would lose 90 of 100 addresses, more than 30 %", made.holds.at(0).reason.c_str());
    push(added("prefixes = ['45.40.17.0/24']"));
    CHECK_EQUAL(1U, made.holds.size());
    STRCMP_EQUAL("would lose 90 of 100 addresses, more than 30 %", made.holds[0].reason.c_str());
    CHECK_TRUE(stops("45.0.0.60"));
    CHECK_FALSE(stops("45.40.16.9"));
    CHECK_TRUE(stops("45.40.17.9"));
    sweep({"irc"}); // a person lets it go
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.0.0.60"));
}

TEST(Decision, LetsAHeldGrowthInNoMoreThanBefore) {
    see("irc.libera.chat", 0x2D000000, 100);
    start(kIrc);
    see("irc.oftc.net", 0x2D010000, 80);
    sweep();
    CHECK_EQUAL(1U, made.holds.size());
    for (int i = 0; i < 3; ++i) push(kIrc + std::string(static_cast<std::size_t>(i), '\n'));
    CHECK_EQUAL(1U, made.holds.size());
    CHECK_FALSE(stops("45.1.0.2"));
}

TEST(Decision, TakesANameOutWithItsAddresses) {
    see("im.example.org", 0x2D010000, 80);
    see("irc.libera.chat", 0x2D000000, 20);
    start(added("hostnames = ['im.example.org']"));
    CHECK_TRUE(stops("45.1.0.2"));
    push(kIrc);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.1.0.2"));
    CHECK_TRUE(stops("45.0.0.2"));
}

TEST(Decision, TakesANameOutThoughItsAddressesAreHeld) {
    see("im.example.org", 0x2D010000, 80);
    start(added("hostnames = ['im.example.org']"));
    forget("im.example.org");
    sweep();
    CHECK_EQUAL(1U, made.holds.size());
    CHECK_TRUE(stops("45.1.0.2"));
    push(kIrc);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.1.0.2"));
}

TEST(Decision, LetsANameThatAPersonAddedFillUp) {
    see("irc.libera.chat", 0x2D000000, 100);
    start(kIrc);
    for (const auto& name : names_to_sweep(catalog, policy(kIrc))) asked[name] = {};
    push(added("hostnames = ['im.example.org']"));
    asked[{"irc", "im.example.org", Role::server}] = kNow - std::chrono::minutes{1};
    see("im.example.org", 0x2D010000, 90);
    sweep();
    CHECK_TRUE(made.holds.empty());
    CHECK_TRUE(stops("45.1.0.2"));
    see("irc.oftc.net", 0x2D020000, 120); // what nobody asked for anew is held as ever
    see("im.example.org", 0x2D010100, 5);
    sweep();
    CHECK_EQUAL(1U, made.holds.size());
    CHECK_FALSE(stops("45.2.0.2"));
    CHECK_TRUE(stops("45.1.1.2"));
    CHECK_EQUAL(120U, made.holds[0].added.size());
}

TEST(Decision, BindsANameOnceItHasBeenAskedForLongEnough) {
    see("irc.libera.chat", 0x2D000000, 100);
    start(added("hostnames = ['im.example.org']"));
    asked[{"irc", "im.example.org", Role::server}] = kNow - std::chrono::minutes{61};
    see("im.example.org", 0x2D010000, 90);
    sweep();
    CHECK_EQUAL(1U, made.holds.size());
    CHECK_FALSE(stops("45.1.0.2"));
}

TEST(Decision, ToLeaveAddressesAloneIsNoShrinking) {
    see("irc.libera.chat", 0x2D000000, 50);
    see("irc.oftc.net", 0x2D010000, 50);
    start(kIrc);
    for (const auto* section : {"own", "never_block"}) {
        push(kIrc + "[" + section + "]\nprefixes = ['45.1.0.0/16']\n");
        CHECK_TRUE(made.holds.empty());
        CHECK_FALSE(stops("45.1.0.2"));
        CHECK_TRUE(stops("45.0.0.2"));
        push(kIrc); // and back
        CHECK_TRUE(made.holds.empty());
        CHECK_TRUE(stops("45.1.0.2"));
    }
}

TEST(Decision, ToWithdrawAZoneIsNoShrinking) {
    see("irc.libera.chat", 0x2D000000, 50);
    for (auto& entry : entries) entry.chain = {"front.hosting.example"};
    see("irc.oftc.net", 0x2D010000, 5);
    start(kIrc + "[guard.zones]\nirc = ['hosting.example']\n");
    CHECK_TRUE(stops("45.0.0.2"));
    push(kIrc);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.0.0.2"));
    CHECK_TRUE(stops("45.1.0.2"));
}

TEST(Decision, OfACatalogReleaseIsFollowedAsWell) {
    see("irc.libera.chat", 0x2D000000, 60);
    see("irc.oftc.net", 0x2D010000, 60);
    for (auto& entry : catalog.systems)
        if (entry.system.id == "irc") entry.static_prefixes = {*parse_prefix("45.40.16.0/24")};
    start(kIrc);
    CHECK_TRUE(stops("45.40.16.9"));
    const auto old = catalog;
    for (auto& entry : catalog.systems)
        if (entry.system.id == "irc") {
            entry.static_prefixes = {*parse_prefix("45.40.17.0/24")};
            std::erase(entry.hostnames, "irc.oftc.net");
        }
    push(kIrc, old);
    CHECK_TRUE(made.holds.empty());
    CHECK_FALSE(stops("45.40.16.9"));
    CHECK_TRUE(stops("45.40.17.9"));
    CHECK_FALSE(stops("45.1.0.2"));
    CHECK_TRUE(stops("45.0.0.2"));
}

TEST(Decision, StillHoldsAnEmptiedSetAfterARestart) {
    see("irc.libera.chat", 0x2D000000, 60);
    start(kIrc);
    entries.clear();
    sweep();
    const auto remembered = made.dns; // all that outlives it, with what was published
    const auto out = published;
    LastGood last_good{&out, {}};
    last_good.dns = &remembered;
    last_good.decided = true;
    publish(last_good);
    CHECK_EQUAL(1U, made.holds.size());
    STRCMP_EQUAL("would be empty; 60 addresses before", made.holds[0].reason.c_str());
    CHECK_TRUE(stops("45.0.0.2"));
    sweep();
    CHECK_EQUAL(1U, made.holds.size());
    CHECK_TRUE(stops("45.0.0.2"));
}

TEST(Decision, KnowsWhatDnsBroughtWithoutAMemory) {
    see("irc.libera.chat", 0x2D000000, 3);
    start(added("prefixes = ['45.40.16.0/30']"));
    const auto part =
        dns_part_of(published, catalog, policy(kIrc), [&](const auto& system, const auto& address) {
            std::vector<BookName> names;
            for (const auto& entry : entries)
                if (entry.name.system == system && entry.address == address)
                    names.push_back(entry.name);
            return names;
        });
    CHECK_EQUAL(3U, part.size());
    for (const auto& each : part) CHECK_TRUE(each.good && each.name.hostname == "irc.libera.chat");
}
