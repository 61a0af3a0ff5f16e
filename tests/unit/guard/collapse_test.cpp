// SPDX-License-Identifier: Apache-2.0
// Names that only one resolver puts on one address.
#include "controlplane/guard/snapshot_plan.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <array>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Collapse) {
    static constexpr auto kPage = "45.0.0.9";
    Catalog catalog = test::shipped_catalog();
    std::vector<BookEntry> entries;
    GuardContext context;

    void setup() override { context.resolvers = 2; }
    void say(const char* resolver, const std::string& system, std::size_t name,
             const std::string& address) {
        BookEntry entry;
        entry.name = {system, catalog.find(system)->hostnames.at(name), Role::server};
        entry.address = *parse_address(address);
        entry.resolvers = {resolver};
        entry.in_force = true;
        entry.count = 9;
        entry.ttl_lowest = 1;
        entry.last_seen = Instant{std::chrono::hours{1}};
        entries.push_back(entry);
    }
    /// Of the block page's judgement.
    std::string why() {
        const auto policy = parse_policy("[defaults]\naction = 'block'\n", "policy", catalog);
        const auto plan = assemble(catalog, *policy, entries, context);
        for (const auto& judgement : plan->judgements)
            if (judgement.prefix == host(*parse_address(kPage)) && !judgement.hostname.empty())
                return judgement.refusal == Refusal::sinkhole ? judgement.reason : "";
        return "not judged";
    }
};

TEST(Collapse, OfThreeNamesOfOneOperatorIsASinkhole) {
    const std::array elsewhere{"64.12.0.1", "64.12.0.2", "64.12.0.3"};
    for (std::size_t name = 0; name < 3; ++name) {
        STRCMP_EQUAL(name == 0 ? "not judged" : "", why().c_str());
        say("192.0.2.53:53", "whatsapp", name, kPage);
        say("192.0.2.54:53", "whatsapp", name, elsewhere.at(name));
    }
    STRCMP_CONTAINS("a sinkhole: what 192.0.2.53:53 alone gives for 3 names that have nothing in "
                    "common elsewhere (",
                    why().c_str());
}

TEST(Collapse, OfTwoOperatorsNeedsTwoNames) {
    say("192.0.2.53:53", "whatsapp", 0, kPage);
    say("192.0.2.54:53", "whatsapp", 0, "64.12.0.1");
    say("192.0.2.53:53", "telegram", 0, kPage);
    STRCMP_EQUAL("", why().c_str()); // what the other name is elsewhere, nobody has said
    say("192.0.2.54:53", "telegram", 0, "64.12.0.2");
    STRCMP_CONTAINS("a sinkhole", why().c_str());
}

TEST(Collapse, IsNoneWhereAnotherResolverSaysSoToo) {
    for (const auto* system : {"whatsapp", "telegram"}) say("192.0.2.53:53", system, 0, kPage);
    say("192.0.2.54:53", "whatsapp", 0, "64.12.0.1");
    say("192.0.2.54:53", "telegram", 0, "64.12.0.2");
    entries[0].resolvers.emplace_back("192.0.2.54:53");
    STRCMP_EQUAL("", why().c_str());
}

TEST(Collapse, IsNoneOfNamesThatAreOneServerElsewhereToo) {
    for (std::size_t name = 0; name < 5; ++name) {
        say("192.0.2.53:53", "whatsapp", name, kPage);
        say("192.0.2.54:53", "whatsapp", name, "64.12.0.1");
    }
    STRCMP_EQUAL("", why().c_str());
}

TEST(Collapse, IsNoneInsideAContentNetwork) {
    Network front;
    front.provider = "Front";
    front.kind = NetworkKind::cdn;
    front.prefixes = {*parse_prefix("45.0.0.0/24")};
    catalog.networks = Networks({front});
    for (const auto* system : {"whatsapp", "telegram"}) say("192.0.2.53:53", system, 0, kPage);
    say("192.0.2.54:53", "whatsapp", 0, "64.12.0.1");
    say("192.0.2.54:53", "telegram", 0, "64.12.0.2");
    STRCMP_EQUAL("", why().c_str());
}
