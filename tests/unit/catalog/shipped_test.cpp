// SPDX-License-Identifier: Apache-2.0
// The catalog as it ships: every file loads, and the systems of the literature are in it.
#include <algorithm>

#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const Catalog& shipped() { return test::shipped_catalog(); }

bool names(std::string_view id, const std::string& hostname) {
    const auto& list = shipped().find(id)->hostnames;
    return std::binary_search(list.begin(), list.end(), hostname);
}

} // namespace

TEST_GROUP(ShippedCatalog){};

TEST(ShippedCatalog, LoadsWhole) {
    CHECK_EQUAL(86U, shipped().systems.size());
    CHECK_EQUAL(93U, shipped().protected_hosts.size());
}

TEST(ShippedCatalog, HoldsTheSystemsOfTheLiteratureAndOfToday) {
    for (const auto* id :
         {"aim", "icq", "msn-messenger", "yahoo-messenger", "irc", "odigo", "imunified", "sametime",
          "napster", "morpheus", "whatsapp", "telegram", "signal", "discord", "xmpp"})
        CHECK_TRUE_TEXT(shipped().find(id) != nullptr, id);
}

TEST(ShippedCatalog, SanctionsTheCorporateServer) {
    CHECK_TRUE(shipped().find("sametime")->default_action == DefaultAction::sanction);
    CHECK_TRUE(shipped().find("sametime")->system.uses(6, 1533));
    CHECK_EQUAL(6, std::count_if(shipped().systems.begin(), shipped().systems.end(), [](auto& s) {
                    return s.default_action == DefaultAction::sanction;
                }));
}

TEST(ShippedCatalog, KeepsHistoryApart) {
    CHECK_TRUE(shipped().find("aim")->historical);
    CHECK_FALSE(shipped().find("irc")->historical);
    CHECK_EQUAL(19, std::count_if(shipped().systems.begin(), shipped().systems.end(),
                                  [](auto& s) { return s.historical; }));
}

TEST(ShippedCatalog, ExpandsItsPatterns) {
    CHECK_TRUE(names("whatsapp", "e16.whatsapp.net"));
    CHECK_FALSE(names("whatsapp", "e17.whatsapp.net"));
    CHECK_TRUE(names("simplex", "smp19.simplex.im"));
    CHECK_TRUE(names("aim", "login.oscar.aol.com"));
    CHECK_TRUE(shipped().find("whatsapp")->shares("web.whatsapp.com"));
}

TEST(ShippedCatalog, KnowsPublishedPrefixesAndPorts) {
    const auto* telegram = shipped().find("telegram");
    CHECK_TRUE(std::find(telegram->static_prefixes.begin(), telegram->static_prefixes.end(),
                         *parse_prefix("149.154.160.0/20")) != telegram->static_prefixes.end());
    CHECK_EQUAL(5U, telegram->asns.size());
    CHECK_TRUE(shipped().find("irc")->system.uses(6, 6667));
    CHECK_TRUE(shipped().find("aim")->system.uses(6, 5190));
}
