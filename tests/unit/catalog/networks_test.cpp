// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <map>

#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string fault(std::string_view text) {
    const auto parsed = parse_networks(text, "networks.toml", "/nonexistent");
    return parsed ? "fine" : parsed.error().what;
}

bool lists(const std::string& provider, const std::string& address) {
    for (const auto& network : test::shipped_catalog().networks.all())
        if (network.provider == provider)
            for (const auto& prefix : network.prefixes)
                if (prefix.contains(*parse_address(address))) return true;
    return false;
}

} // namespace

TEST_GROUP(Networks){};

TEST_GROUP(NetworkFiles) {
    std::filesystem::path folder;

    void setup() override {
        auto pattern = (std::filesystem::temp_directory_path() / "networksXXXXXX").string();
        folder = ::mkdtemp(pattern.data());
    }
    void teardown() override { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
    }
    [[nodiscard]] Result<Catalog> loaded(const std::string& files) const {
        write("networks.toml", "[[network]]\nprovider = 'Front'\nkind = 'cloud'\n"
                               "prefixes = ['192.0.2.0/24']\nprefix_files = [" +
                                   files + "]\nsource = 'RFC 5737'\ndate = '2010'\n");
        return load_catalog(std::array{folder});
    }
    [[nodiscard]] std::string fault(const std::string& files) const {
        const auto catalog = loaded(files);
        return catalog ? "fine" : catalog.error().what;
    }
};

TEST(NetworkFiles, AddToThePrefixesOfTheNetwork) {
    write("a.txt", "# a region\n198.51.100.0/24\n\n2001:db8::/32 ; another\n");
    write("b.txt", "203.0.113.7\n");
    const auto catalog = loaded("'a.txt', 'b.txt'");
    CHECK_TRUE(catalog.has_value());
    CHECK_EQUAL(4U, catalog->networks.all().front().prefixes.size());
    for (const auto* address : {"192.0.2.1", "198.51.100.255", "2001:db8::1", "203.0.113.7"})
        CHECK_TRUE(
            catalog->networks.covering(*parse_prefix(address), NetworkKind::cloud).has_value());
    CHECK_FALSE(
        catalog->networks.covering(*parse_prefix("203.0.113.8"), NetworkKind::cloud).has_value());
}

TEST(NetworkFiles, NameFileLineAndValueOfAFault) {
    write("bad.txt", "<html>\n503\n198.51.100.0/24\n");
    STRCMP_CONTAINS("networks.toml:5:17: ", fault("'bad.txt'").c_str());
    STRCMP_CONTAINS((folder / "bad.txt:1: '<html>' is not a prefix").c_str(),
                    fault("'bad.txt'").c_str());
    write("wide.txt", "# all\n0.0.0.0/0\n");
    STRCMP_CONTAINS("wide.txt: line 2: '0.0.0.0/0' is wider than /8", fault("'wide.txt'").c_str());
    STRCMP_CONTAINS("No such file", fault("'no.txt'").c_str());
    for (const auto* name : {"'../shadow'", "'/etc/shadow'", "'.hidden'", "''"})
        STRCMP_CONTAINS("is not the plain name of a file beside this one", fault(name).c_str());
}

TEST(NetworkFiles, LoseABadLineAndSaySo) {
    write("a.txt", "198.51.100.0/24\nx\n198.51.101.1/24\n");
    const auto catalog = loaded("'a.txt'");
    CHECK_TRUE(catalog.has_value());
    CHECK_EQUAL(2U, catalog->warnings.size());
    STRCMP_CONTAINS("a.txt:2: 'x' is not a prefix", catalog->warnings[0].c_str());
    STRCMP_CONTAINS("1 prefix has host bits set", catalog->warnings[1].c_str());
}

TEST(Networks, AreFoundByTheNarrowestRangeOfTheirKind) {
    const auto prefix = [](const char* text) { return *parse_prefix(text); };
    const Networks networks(
        {{"Wide", NetworkKind::cloud, {prefix("10.0.0.0/8"), prefix("2001:db8::/32")}, {}, {}, {}},
         {"Narrow", NetworkKind::cloud, {prefix("10.1.0.0/16")}, {}, {}, {}},
         {"Front", NetworkKind::cdn, {prefix("10.1.2.0/24")}, {"front.example"}, {}, {}}});
    const auto found = [&](const char* text, NetworkKind kind = NetworkKind::cloud) {
        const auto match = networks.covering(prefix(text), kind);
        return match ? match->network->provider + " " + to_string(match->range) : "none";
    };
    STRCMP_EQUAL("Narrow 10.1.0.0/16", found("10.1.2.3").c_str());
    STRCMP_EQUAL("Wide 10.0.0.0/8", found("10.2.0.0/16").c_str());
    STRCMP_EQUAL("Wide 10.0.0.0/8", found("10.0.0.0/15").c_str()); // not whole in the narrow one
    STRCMP_EQUAL("none", found("10.0.0.0/7").c_str());
    STRCMP_EQUAL("Front 10.1.2.0/24", found("10.1.2.3", NetworkKind::cdn).c_str());
    STRCMP_EQUAL("none", found("10.1.3.1", NetworkKind::cdn).c_str());
    STRCMP_EQUAL("Wide 2001:db8::/32", found("2001:db8::1").c_str());
    STRCMP_EQUAL("none", found("::a01:203").c_str()); // the same number, another family
    CHECK_TRUE(networks.zone_of("a.front.example", NetworkKind::cdn) == "front.example");
    CHECK_TRUE(networks.zone_of("a.front.example", NetworkKind::cloud).empty());
    CHECK_TRUE(Networks{}.all().empty());
    CHECK_FALSE(Networks{}.covering(prefix("10.0.0.1"), NetworkKind::cdn).has_value());
}

TEST(Networks, AreReadWithKindZonesAndPrefixes) {
    const auto parsed = parse_networks("[[network]]\nprovider = 'Front'\nkind = 'cloud'\n"
                                       "zones = ['LB.example.com']\nprefixes = ['192.0.2.0/24']\n"
                                       "source = 'RFC 5737'\ndate = '2010'\n",
                                       "networks.toml", {});
    CHECK_TRUE(parsed.has_value());
    const auto& network = parsed->at(0);
    CHECK_TRUE(network.kind == NetworkKind::cloud);
    STRCMP_EQUAL("lb.example.com", network.zones.at(0).c_str());
    CHECK_TRUE(network.prefixes.at(0) == *parse_prefix("192.0.2.0/24"));
}

TEST(Networks, RefuseWhatIsWrongByLine) {
    const std::string head = "[[network]]\nprovider = 'Front'\nkind = 'cdn'\n";
    STRCMP_CONTAINS(":3:8: kind 'cdm' is not cdn, cloud or redirect",
                    fault("[[network]]\nprovider = 'Front'\nkind = 'cdm'\n").c_str());
    STRCMP_CONTAINS(":4:13: '0.0.0.0/0' is wider than /8",
                    fault(head + "prefixes = ['0.0.0.0/0']\n").c_str());
    STRCMP_CONTAINS(":4:13: '2000::/3' is wider than /19",
                    fault(head + "prefixes = ['2000::/3']\n").c_str());
    STRCMP_CONTAINS("host bits", fault(head + "prefixes = ['192.0.2.1/24']\n").c_str());
    STRCMP_CONTAINS("prefixes of 'Front' without source and date",
                    fault(head + "prefixes = ['192.0.2.0/24']\n").c_str());
    STRCMP_CONTAINS(":4:10: ", fault(head + "zones = ['*.example.com']\n").c_str());
    STRCMP_CONTAINS("unknown key 'prefix'", fault(head + "prefix = []\n").c_str());
}

TEST(Networks, ShipWithThoseThatPublishTheirPrefixes) {
    CHECK_TRUE(lists("Cloudflare", "104.16.132.229"));
    CHECK_TRUE(lists("Cloudflare", "2606:4700::6810:84e5"));
    CHECK_TRUE(lists("Fastly", "151.101.1.69"));
    CHECK_TRUE(lists("Amazon CloudFront", "13.224.0.1"));
    CHECK_FALSE(lists("Amazon CloudFront", "149.154.167.50")); // Telegram's own
    for (const auto& network : test::shipped_catalog().networks.all())
        for (const auto& system : test::shipped_catalog().systems)
            for (const auto& prefix : system.static_prefixes)
                for (const auto& shared : network.prefixes)
                    CHECK_FALSE_TEXT(network.kind == NetworkKind::cdn && !system.historical &&
                                         shared.contains(prefix),
                                     (system.system.id + " " + to_string(prefix)).c_str());
}

TEST(Networks, ShipWithTheWidestPrefixesOfClouds) {
    CHECK_TRUE(lists("Amazon", "3.64.0.1")); // eu-central-1
    CHECK_TRUE(lists("Google", "34.80.0.1"));
    CHECK_TRUE(lists("DigitalOcean", "138.197.0.1"));           // nyc
    CHECK_TRUE(lists("Linode", "2600:3c00::f03c:91ff:fe00:0")); // dallas
    CHECK_FALSE(lists("Amazon", "149.154.167.50"));             // Telegram's own
    std::map<std::string, std::size_t> counts;
    for (const auto& network : test::shipped_catalog().networks.all())
        if (network.kind == NetworkKind::cloud) counts[network.provider] = network.prefixes.size();
    const std::map<std::string, std::size_t> expected{
        {"Amazon", 308},      {"Microsoft", 415}, {"Google", 107}, {"Oracle", 233},
        {"DigitalOcean", 70}, {"Linode", 111},    {"Vultr", 65}};
    CHECK_TRUE(expected == counts);
}
