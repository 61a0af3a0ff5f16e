// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string fault(std::string_view text) {
    const auto parsed = parse_networks(text, "networks.toml");
    return parsed ? "fine" : parsed.error().what;
}

bool lists(const std::string& provider, const std::string& address) {
    for (const auto& network : test::shipped_catalog().networks)
        if (network.provider == provider)
            for (const auto& prefix : network.prefixes)
                if (prefix.contains(*parse_address(address))) return true;
    return false;
}

} // namespace

TEST_GROUP(Networks){};

TEST(Networks, AreReadWithKindZonesAndPrefixes) {
    const auto parsed = parse_networks("[[network]]\nprovider = 'Front'\nkind = 'cloud'\n"
                                       "zones = ['LB.example.com']\nprefixes = ['192.0.2.0/24']\n"
                                       "source = 'RFC 5737'\ndate = '2010'\n",
                                       "networks.toml");
    CHECK_TRUE(parsed.has_value());
    const auto& network = parsed->at(0);
    CHECK_TRUE(network.kind == NetworkKind::cloud);
    STRCMP_EQUAL("lb.example.com", network.zones.at(0).c_str());
    CHECK_TRUE(network.prefixes.at(0) == *parse_prefix("192.0.2.0/24"));
}

TEST(Networks, RefuseWhatIsWrongByLine) {
    const std::string head = "[[network]]\nprovider = 'Front'\nkind = 'cdn'\n";
    STRCMP_CONTAINS("line 3: kind 'cdm' is not cdn, cloud or redirect",
                    fault("[[network]]\nprovider = 'Front'\nkind = 'cdm'\n").c_str());
    STRCMP_CONTAINS("line 4: '0.0.0.0/0' is wider than /8",
                    fault(head + "prefixes = ['0.0.0.0/0']\n").c_str());
    STRCMP_CONTAINS("line 4: '2000::/3' is wider than /19",
                    fault(head + "prefixes = ['2000::/3']\n").c_str());
    STRCMP_CONTAINS("host bits", fault(head + "prefixes = ['192.0.2.1/24']\n").c_str());
    STRCMP_CONTAINS("prefixes of 'Front' without source and date",
                    fault(head + "prefixes = ['192.0.2.0/24']\n").c_str());
    STRCMP_CONTAINS("line 4", fault(head + "zones = ['*.example.com']\n").c_str());
    STRCMP_CONTAINS("unknown key 'prefix'", fault(head + "prefix = []\n").c_str());
}

TEST(Networks, ShipWithThoseThatPublishTheirPrefixes) {
    CHECK_TRUE(lists("Cloudflare", "104.16.132.229"));
    CHECK_TRUE(lists("Cloudflare", "2606:4700::6810:84e5"));
    CHECK_TRUE(lists("Fastly", "151.101.1.69"));
    CHECK_TRUE(lists("Amazon CloudFront", "13.224.0.1"));
    CHECK_FALSE(lists("Amazon CloudFront", "149.154.167.50")); // Telegram's own
    for (const auto& network : test::shipped_catalog().networks)
        for (const auto& system : test::shipped_catalog().systems)
            for (const auto& prefix : system.static_prefixes)
                for (const auto& shared : network.prefixes)
                    CHECK_FALSE_TEXT(network.kind == NetworkKind::cdn && !system.historical &&
                                         shared.contains(prefix),
                                     (system.system.id + " " + to_string(prefix)).c_str());
}
