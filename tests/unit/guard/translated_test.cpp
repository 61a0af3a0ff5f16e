// SPDX-License-Identifier: Apache-2.0
// An IPv4 server behind NAT64 is that server: in listings, exceptions, sightings and counts.
#include "controlplane/guard/translated.hpp"

#include <array>

#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/model/judge.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string there(const char* ipv4, const char* nat64) {
    return to_string(translated(parse_prefix(ipv4).value(), parse_prefix(nat64).value()));
}

std::string back(const char* text, const std::vector<Prefix>& nat64) {
    const auto found = untranslated(parse_prefix(text).value(), nat64);
    return found ? to_string(*found) : "none";
}

BookEntry seen(const std::string& hostname, const std::string& address,
               const std::vector<std::string>& resolvers, Role role = Role::server) {
    BookEntry entry;
    entry.name = {role == Role::server ? "irc" : "", hostname, role};
    entry.address = *parse_address(address);
    entry.resolvers = resolvers;
    entry.first_seen = Instant{std::chrono::hours{1}};
    entry.last_seen = Instant{std::chrono::hours{1}};
    entry.count = 1;
    entry.ttl_lowest = 86400;
    entry.in_force = true;
    return entry;
}

} // namespace

TEST_GROUP(Translated) {
    std::vector<BookEntry> entries;
    GuardContext context;

    SnapshotPlan plan(const std::string& text, const Snapshot* published = nullptr) {
        const auto policy =
            parse_policy("[systems]\nirc = 'block'\n[defaults]\naction = 'pass'\n" + text, "policy",
                         test::shipped_catalog());
        if (!policy) FAIL(policy.error().what.c_str());
        auto made =
            assemble(test::shipped_catalog(), *policy, entries, context, {published, {}, {}});
        if (!made) FAIL(made.error().what.c_str());
        return *made;
    }
    Snapshot snapshot(const std::string& text) {
        auto built = build_snapshot(plan(text).translated_parts(), 1, {}, {});
        if (!built) FAIL(built.error().what.c_str());
        return *built;
    }
    static std::string action(const Snapshot& rules, const std::string& server) {
        return std::string(to_string(judge(rules, {*parse_address("2001:db8:1::1"),
                                                   *parse_address(server), 6, Ports{40000, 443}})
                                         .action));
    }
    static const Judgement& judgement(const SnapshotPlan& made, const std::string& address) {
        for (const auto& each : made.judgements)
            if (each.prefix == parse_prefix(address).value() && !each.hostname.empty()) return each;
        FAIL(("no judgement of " + address).c_str());
        return made.judgements.front();
    }
};

TEST(Translated, PrefixesStandWhereRfc6052PutsThem) { // the table of its section 2.4
    const char* const host = "192.0.2.33";
    STRCMP_EQUAL("2001:db8:c000:221::/64", there(host, "2001:db8::/32").c_str());
    STRCMP_EQUAL("2001:db8:1c0:2:21::/80", there(host, "2001:db8:100::/40").c_str());
    STRCMP_EQUAL("2001:db8:122:c000:2:2100::/88", there(host, "2001:db8:122::/48").c_str());
    STRCMP_EQUAL("2001:db8:122:3c0:0:221::/96", there(host, "2001:db8:122:300::/56").c_str());
    STRCMP_EQUAL("2001:db8:122:344:c0:2:2100:0/104", there(host, "2001:db8:122:344::/64").c_str());
    STRCMP_EQUAL("2001:db8:122:344::c000:221/128", there(host, "2001:db8:122:344::/96").c_str());
    STRCMP_EQUAL("64:ff9b::5db8:d800/120", there("93.184.216.0/24", "64:ff9b::/96").c_str());
    STRCMP_EQUAL("2001:db8:15d:b800::/56", there("93.184.0.0/16", "2001:db8:100::/40").c_str());
    STRCMP_EQUAL("2001:db8:15d:b8d8::/64", there("93.184.216.0/24", "2001:db8:100::/40").c_str());
    STRCMP_EQUAL("2001:db8:15d:b8d8:80::/73",
                 there("93.184.216.128/25", "2001:db8:100::/40").c_str());
}

TEST(Translated, ComesBackFromEveryLength) {
    for (const auto* translation :
         {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56",
          "2001:db8:122:344::/64", "64:ff9b::/96"}) {
        const std::vector<Prefix> nat64 = {parse_prefix(translation).value()};
        for (unsigned length = 1; length <= 32; ++length) {
            const Prefix whole{ipv4(0xDDB8D8A5), static_cast<std::uint8_t>(length)};
            const Prefix one{{Family::ipv4, whole.address.value & ~whole.host_mask()},
                             static_cast<std::uint8_t>(length)};
            const auto there = translated(one, nat64.front());
            CHECK_TRUE(is_translated(there, nat64));
            STRCMP_EQUAL(to_string(one).c_str(),
                         to_string(untranslated(there, nat64).value()).c_str());
        }
    }
    const auto well_known = translation_prefixes({});
    STRCMP_EQUAL("198.51.100.7/32", back("64:ff9b::198.51.100.7", well_known).c_str());
    const Prefix mapped{ipv6(0, 0xFFFF'C633'6400), 120}; // as AAAA records may have it
    STRCMP_EQUAL("198.51.100.0/24", to_string(untranslated(mapped, well_known).value()).c_str());
    STRCMP_EQUAL("none", back("2001:db8::198.51.100.7", well_known).c_str());
    STRCMP_EQUAL("none", back("64:ff9b::/64", well_known).c_str());
    STRCMP_EQUAL("none", back("198.51.100.7", well_known).c_str());
}

TEST(Translated, ServersAreStoppedBehindTheWellKnownAndTheSitesPrefixes) {
    const auto rules = snapshot("[[add]]\nsystem = 'irc'\nprefixes = ['93.184.216.0/24']\n"
                                "[guard]\nnat64 = ['2a00:64::/96', '2a00:100::/40']\n");
    for (const auto* server : {"93.184.216.34", "64:ff9b::93.184.216.34", "2a00:64::93.184.216.34",
                               "2a00:100:5d:b8d8:22::"})
        STRCMP_EQUAL("drop", action(rules, server).c_str());
    for (const auto* server :
         {"64:ff9b::93.184.217.34", "2a00:65::93.184.216.34", "64:ff9b::", "2a00:100:5d:b8d9:22::"})
        STRCMP_EQUAL("pass", action(rules, server).c_str());
}

TEST(Translated, ExceptionsHoldInBothFormsInWhicheverTheyAreWritten) {
    const std::string listed = "[[add]]\nsystem = 'irc'\nprefixes = ['93.184.216.0/24']\n";
    for (const auto* written : {"93.184.216.34", "64:ff9b::93.184.216.34", "::ffff:93.184.216.34"})
        for (const auto& way :
             {"[never_block]\nprefixes = ['" + std::string(written) + "']\n",
              "[[sanctioned]]\nname = 'x'\nprefixes = ['" + std::string(written) + "']\n"}) {
            const auto rules = snapshot(listed + way);
            for (const auto* server : {"93.184.216.34", "64:ff9b::93.184.216.34"})
                STRCMP_EQUAL("pass", action(rules, server).c_str());
            for (const auto* server : {"93.184.216.35", "64:ff9b::93.184.216.35"})
                STRCMP_EQUAL("drop", action(rules, server).c_str());
        }
    const auto none = snapshot(listed + "[never_block]\nprefixes = ['64:ff9b::/96']\n");
    STRCMP_EQUAL("drop", action(none, "93.184.216.35").c_str());
    STRCMP_EQUAL("pass", action(none, "64:ff9b::93.184.216.35").c_str());
}

TEST(Translated, ProtectedHostAnsweredByDns64StaysFreeInBothForms) {
    const auto& host = test::shipped_catalog().protected_hosts.front();
    entries = {seen(host.hostname, "64:ff9b::93.184.216.34", {"a"}, Role::protected_host)};
    const auto rules = snapshot("[[add]]\nsystem = 'irc'\nprefixes = ['93.184.216.0/24']\n");
    for (const auto* server : {"93.184.216.34", "64:ff9b::93.184.216.34"})
        STRCMP_EQUAL("pass", action(rules, server).c_str());
}

TEST(Translated, ListedTextInTheOtherFormMeansTheIpv4Server) {
    const auto rules = snapshot("[[add]]\nsystem = 'irc'\n"
                                "prefixes = ['64:ff9b::93.184.216.0/120', '::ffff:45.9.8.7']\n");
    for (const auto* server : {"93.184.216.34", "64:ff9b::93.184.216.34", "45.9.8.7"})
        STRCMP_EQUAL("drop", action(rules, server).c_str());
}

TEST(Translated, AnswerOfDns64CountsForTheIpv4ServerAndIsToldInItsForm) {
    entries = {seen("irc.libera.chat", "64:ff9b::45.0.0.1", {"a"})};
    const auto alone = plan("");
    STRCMP_CONTAINS("; answered as 64:ff9b::2d00:1", judgement(alone, "45.0.0.1").reason.c_str());
    CHECK_TRUE(judgement(alone, "45.0.0.1").disposition == Disposition::exclusive);
    const auto rules = snapshot("");
    for (const auto* server : {"45.0.0.1", "64:ff9b::45.0.0.1"})
        STRCMP_EQUAL("drop", action(rules, server).c_str());
    entries = {seen("irc.libera.chat", "64:ff9b::10.0.0.1", {"a"})};
    STRCMP_CONTAINS("not a public address: private",
                    judgement(plan(""), "10.0.0.1").reason.c_str());
}

TEST(Translated, ResolversOfBothFormsMakeOneQuorum) {
    context.resolvers = 2;
    entries = {seen("irc.libera.chat", "64:ff9b::45.0.0.1", {"a"})};
    CHECK_TRUE(judgement(plan(""), "45.0.0.1").refusal == Refusal::quorum);
    entries.push_back(seen("irc.libera.chat", "45.0.0.1", {"a"})); // the same resolver once more
    CHECK_TRUE(judgement(plan(""), "45.0.0.1").refusal == Refusal::quorum);
    entries.back().resolvers = {"b"};
    CHECK_TRUE(judgement(plan(""), "45.0.0.1").refusal == Refusal::none);
    entries.back().name.hostname = "irc.oftc.net"; // another name's is no witness
    CHECK_TRUE(judgement(plan(""), "45.0.0.1").refusal == Refusal::quorum);
}

TEST(Translated, FormIsCountedOnceAndHoldsNoChange) {
    entries = {seen("irc.libera.chat", "45.0.0.1", {"a"}), seen("irc.oftc.net", "45.0.0.3", {"a"})};
    const auto before = plan("");
    const auto plain = build_snapshot(before.parts, 1, {}, {}).value(); // of a version without
    const auto both = build_snapshot(before.translated_parts(), 2, {}, {}).value();
    CHECK_TRUE(both.entries.size() > plain.entries.size());
    CHECK_EQUAL(plain.entries.size(), count_untranslated(both, before.nat64));
    for (const auto* published : {&plain, &both}) CHECK_TRUE(plan("", published).holds.empty());
    for (unsigned i = 0; i < 20; ++i)
        entries.push_back(seen("irc.oftc.net", to_string(ipv4(0x2E000000U + 2U * i)), {"a"}));
    entries.front().first_seen = {};
    const auto held = plan("[guard]\nlearning_minutes = 0\nmost_added = 5\n", &both);
    CHECK_EQUAL(1U, held.holds.size());
    CHECK_EQUAL(2U, held.holds.front().before);
    const auto kept = build_snapshot(held.translated_parts(), 3, {}, {}).value();
    CHECK_TRUE(kept.entries == both.entries);
}

TEST(Translated, ListTooLongForBothFormsIsListedInItsOwnAndThatIsTold) {
    SnapshotPlan made;
    made.nat64 = translation_prefixes({});
    made.parts.listings.push_back({parse_prefix("45.0.0.1").value(), 0, Scope::exclusive});
    CHECK_EQUAL(2U, made.translated_parts().listings.size());
    made.untranslated = "too many";
    CHECK_EQUAL(1U, made.translated_parts().listings.size());
}
