// SPDX-License-Identifier: Apache-2.0
// Inside what a system's operator has published as its own no sign of sharing opens a port.
#include <algorithm>

#include "controlplane/guard/snapshot_plan.hpp"
#include "controlplane/model/judge.hpp"
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(PublishedSpace) {
    Catalog catalog = test::shipped_catalog();
    std::vector<BookEntry> entries;
    std::string text = "[defaults]\naction = 'pass'\n[systems]\nwhatsapp = 'block'\n"
                       "msteams = 'block'\nskype = 'block'\n";

    void see(const std::string& system, const std::string& hostname, const std::string& address,
             std::vector<std::string> chain = {}, Role role = Role::server) {
        BookEntry entry;
        entry.name = {system, hostname, role};
        entry.address = *parse_address(address);
        entry.chain = std::move(chain);
        entry.first_seen = Instant{std::chrono::hours{1}};
        entry.last_seen = Instant{std::chrono::hours{10}};
        entry.in_force = true;
        entries.push_back(entry);
    }
    Snapshot snapshot() {
        const auto policy = parse_policy(text, "policy.toml", catalog).value();
        const auto plan = assemble(catalog, policy, entries, {}).value();
        return build_snapshot(plan.parts, 1, {}, {}).value();
    }
    static Action at(const Snapshot& rules, const std::string& address, std::uint16_t port) {
        return judge(rules, {*parse_address("100.100.0.1"), *parse_address(address), 6,
                             Ports{40000, port}})
            .action;
    }
    void stays_shut(const std::string& address) {
        const auto rules = snapshot();
        for (const int port : {443, 80, 5222, 25})
            CHECK_TRUE_TEXT(at(rules, address, static_cast<std::uint16_t>(port)) == Action::drop,
                            (address + " port " + std::to_string(port)).c_str());
    }
};

TEST(PublishedSpace, StaysShutForANameOnTheSystemsOwnSharedList) {
    see("whatsapp", "pps.whatsapp.net", "157.240.20.52", {"mmx-ds.cdn.whatsapp.net"}, Role::shared);
    stays_shut("157.240.20.52");
    stays_shut("157.240.20.53");
}

TEST(PublishedSpace, StaysShutForAChainThroughAContentNetwork) {
    see("msteams", "teams.microsoft.com", "52.113.194.132", {"s-0005.s-msedge.net"});
    stays_shut("52.113.194.132");
}

TEST(PublishedSpace, StaysShutForAnotherSystemsName) {
    const auto& names = catalog.find("skype")->hostnames;
    CHECK_FALSE(names.empty());
    see("skype", names.front(), "52.113.194.131", {"s-0005.s-msedge.net"});
    stays_shut("52.113.194.131");
    // Not through another operator's name either, whoever called it shared.
    see("whatsapp", "pps.whatsapp.net", "52.113.194.130", {}, Role::shared);
    stays_shut("52.113.194.130");
}

TEST(PublishedSpace, StaysShutInASitesOwnListToo) {
    text += "[[add]]\nsystem = 'whatsapp'\nprefixes = ['45.40.16.0/24', '2606:ab::/48']\n";
    see("whatsapp", "pps.whatsapp.net", "45.40.16.9", {}, Role::shared);
    see("whatsapp", "pps.whatsapp.net", "2606:ab::9", {}, Role::shared);
    stays_shut("45.40.16.9");
    const auto rules = snapshot();
    CHECK_TRUE(judge(rules, {*parse_address("2001:db8::1"), *parse_address("2606:ab::9"), 6,
                             Ports{40000, 443}})
                   .action == Action::drop);
}

TEST(PublishedSpace, OutsideOfItSharedIsShared) {
    see("whatsapp", "pps.whatsapp.net", "45.40.16.9", {}, Role::shared);
    const auto rules = snapshot();
    CHECK_TRUE(at(rules, "45.40.16.9", 443) == Action::pass);
    CHECK_TRUE(at(rules, "45.40.16.9", 5222) == Action::drop);
}

TEST(PublishedSpace, OfASystemThatPassesShutsNothing) {
    text = "[defaults]\naction = 'pass'\n[systems]\nskype = 'block'\n";
    const auto& names = catalog.find("skype")->hostnames;
    see("skype", names.front(), "52.113.194.131", {"s-0005.s-msedge.net"});
    CHECK_TRUE(at(snapshot(), "52.113.194.131", 443) == Action::pass);
}

TEST(PublishedSpace, LeavesOutAnOwnHostAndNothingMore) {
    text += "[own]\nprefixes = ['45.40.16.10']\n"
            "[[add]]\nsystem = 'whatsapp'\nprefixes = ['45.40.16.0/24']\n"
            "[[add]]\nsystem = 'skype'\nprefixes = ['45.40.0.0/19', '45.41.0.0/24']\n";
    const auto rules = snapshot();
    CHECK_TRUE(at(rules, "45.40.16.10", 443) == Action::pass);
    for (const auto* address : {"45.40.16.9", "45.40.16.11", "45.40.0.1", "45.40.31.255"})
        CHECK_TRUE(at(rules, address, 443) == Action::drop);
    // As a client it stays under the policy: nothing is allowed first.
    CHECK_TRUE(judge(rules, {*parse_address("45.40.16.10"), *parse_address("45.41.0.7"), 6,
                             Ports{40000, 443}})
                   .action == Action::drop);
}
