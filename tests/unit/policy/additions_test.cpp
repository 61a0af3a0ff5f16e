// SPDX-License-Identifier: Apache-2.0
// The policy's [[add]] and the prefix lists it names.
#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/policy/policy.hpp"

#include "tests/unit/shipped_catalog.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Additions) {
    std::filesystem::path folder;

    void setup() override {
        auto pattern = (std::filesystem::temp_directory_path() / "listsXXXXXX").string();
        folder = ::mkdtemp(pattern.data());
    }
    void teardown() override { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
    }
    [[nodiscard]] Result<Policy> parsed(const std::string& text) const {
        return parse_policy(text, "policy.toml", test::shipped_catalog(), folder);
    }
    [[nodiscard]] std::string fault(const std::string& text) const {
        const auto policy = parsed(text);
        return policy ? "fine" : policy.error().what;
    }
};

TEST(Additions, KeepWhereEachPrefixStands) {
    write("as64500.txt", "# AS64500\n\n198.51.100.0/24 ; Paris\r\n  2001:db8::/32\n203.0.113.7");
    const auto policy = parsed("[[add]]\nsystem = 'irc'\nhostnames = ['IRC.example.net']\n"
                               "prefixes = ['192.0.2.0/28']\nlists = ['as64500.txt']\n");
    CHECK_TRUE(policy.has_value());
    const auto& added = policy->additions;
    STRCMP_EQUAL("irc.example.net", added.hostnames.at("irc").at(0).c_str());
    CHECK_EQUAL(4U, added.prefixes.at("irc").size());
    const auto* own = added.find("irc", *parse_prefix("192.0.2.0/28"));
    CHECK_TRUE(own->source == Source::admin);
    STRCMP_EQUAL("policy.toml: line 4", own->place.c_str());
    const auto* listed = added.find("irc", *parse_prefix("203.0.113.7"));
    CHECK_TRUE(listed->source == Source::asn_list);
    STRCMP_EQUAL("as64500.txt: line 5", listed->place.c_str());
    CHECK_TRUE(added.find("irc", *parse_prefix("203.0.113.8")) == nullptr);
    CHECK_TRUE(added.find("xmpp", *parse_prefix("192.0.2.0/28")) == nullptr);
}

TEST(Additions, ExtendTheCatalog) {
    const auto policy = parsed(
        "[[add]]\nsystem = 'irc'\nhostnames = ['irc.example.net']\nprefixes = ['192.0.2.0/28']\n");
    const auto& catalog = test::shipped_catalog();
    const auto extended = extend(catalog, policy->additions);
    const auto* before = catalog.find("irc");
    const auto* after = extended.find("irc");
    CHECK_EQUAL(before->hostnames.size() + 1, after->hostnames.size());
    CHECK_TRUE(std::is_sorted(after->hostnames.begin(), after->hostnames.end()));
    CHECK_EQUAL(before->static_prefixes.size() + 1, after->static_prefixes.size());
}

TEST(Additions, LoseABadLineOfAListAndSaySo) {
    write("bad.txt", "198.51.100.0/24\n942.180.233.122\n198.51.101.7/24\n");
    const auto policy = parsed("[[add]]\nsystem = 'irc'\nlists = ['bad.txt']\n");
    CHECK_TRUE(policy.has_value());
    CHECK_EQUAL(2U, policy->additions.prefixes.at("irc").size());
    CHECK_EQUAL(2U, policy->warnings.size());
    STRCMP_EQUAL("bad.txt:2: '942.180.233.122' is not a prefix", policy->warnings[0].c_str());
    STRCMP_CONTAINS("bad.txt: 1 prefix has host bits set", policy->warnings[1].c_str());
    CHECK_EQUAL(1U, policy->lists.size());
    STRCMP_EQUAL("bad.txt", policy->lists[0].name.c_str());
}

TEST(Additions, NameFileAndLineOfWhatIsNoList) {
    write("bad.txt", "<html>\n<body>503</body>\n198.51.100.0/24\n");
    write("empty.txt", "# service unavailable\n");
    const auto fault_of = [&](const std::string& file) {
        return fault("[[add]]\nsystem = 'irc'\nlists = ['" + file + "']\n");
    };
    STRCMP_CONTAINS("policy.toml:3:10: bad.txt:1: '<html>' is not a prefix; 2 of its 3 lines",
                    fault_of("bad.txt").c_str());
    STRCMP_CONTAINS("empty.txt: no entry in it", fault_of("empty.txt").c_str());
    STRCMP_CONTAINS("No such file", fault_of("no.txt").c_str());
    std::filesystem::create_directory(folder / "folder");
    STRCMP_CONTAINS("is a folder", fault_of("folder").c_str());
    CHECK_EQUAL(0, ::mkfifo((folder / "fifo").c_str(), 0600));
    STRCMP_CONTAINS("is not a regular file", fault_of("fifo").c_str());
}

TEST(Additions, TakeListsOfOtherFormatsByAWord) {
    write("hosts", "0.0.0.0 irc.example.net www.example.net\n");
    write("nft", "add element inet t s { 198.51.100.0/24, 203.0.113.1-203.0.113.2 timeout 1h }\n");
    const auto policy = parsed("[[add]]\nsystem = 'irc'\nlists = ['nft', {file = 'hosts', format = "
                               "'hosts'}]\nformat = 'nft'\n");
    CHECK_TRUE(policy.has_value());
    CHECK_EQUAL(2U, policy->additions.hostnames.at("irc").size());
    CHECK_EQUAL(3U, policy->additions.prefixes.at("irc").size());
    STRCMP_CONTAINS(":3:10: format 'host' is not one of plain, auto, hosts",
                    fault("[[add]]\nsystem = 'irc'\nformat = 'host'\nlists = ['nft']\n").c_str());
    STRCMP_CONTAINS("did you mean 'hosts'",
                    fault("[[add]]\nsystem = 'irc'\nformat = 'host'\nlists = ['nft']\n").c_str());
    STRCMP_CONTAINS("a list without its file",
                    fault("[[add]]\nsystem = 'irc'\nlists = [{format = 'nft'}]\n").c_str());
}

TEST(Additions, HaveTheirListsFromElsewhereWhenTold) {
    const ListTexts texts = [](const std::string& name, ListFormat) -> Result<std::string> {
        return name == "l.txt" ? Result<std::string>("198.51.100.7\n") : fail(Errc::io, "gone");
    };
    const auto text = "[[add]]\nsystem = 'irc'\nlists = ['l.txt']\n";
    const auto policy = parse_policy_with(text, "policy.toml", test::shipped_catalog(), texts);
    CHECK_TRUE(policy.has_value());
    CHECK_EQUAL(1U, policy->additions.prefixes.at("irc").size());
    STRCMP_EQUAL("198.51.100.7\n", policy->lists.at(0).text->c_str());
}

TEST(Additions, DoNotReadFilesElsewhere) {
    for (const auto* name : {"../shadow", "/etc/shadow", ".hidden", "", "a b", "..", "a/b"})
        STRCMP_CONTAINS(
            "is not the plain name of a file in",
            fault(std::string("[[add]]\nsystem = 'irc'\nlists = ['") + name + "']\n").c_str());
}

TEST(Additions, RefuseWhatMeansNothing) {
    STRCMP_EQUAL("policy.toml:2:10: unknown system 'ircc'; did you mean 'irc'?",
                 fault("[[add]]\nsystem = 'ircc'\nprefixes = ['192.0.2.1']\n").c_str());
    STRCMP_CONTAINS("adds neither hostnames nor prefixes nor lists",
                    fault("[[add]]\nsystem = 'irc'\n").c_str());
    STRCMP_CONTAINS(":3:13: ",
                    fault("[[add]]\nsystem = 'irc'\nprefixes = ['192.0.2.1/24']\n").c_str());
}

TEST(Additions, RefuseWhatStandsInAnotherKeysPlace) {
    const auto of = [&](const std::string& keys) {
        return fault("[[add]]\nsystem = 'irc'\n" + keys);
    };
    STRCMP_CONTAINS("put it under prefixes", of("hostnames = ['192.0.2.1']\n").c_str());
    STRCMP_CONTAINS("put it under hostnames", of("prefixes = ['irc.example.net']\n").c_str());
    STRCMP_CONTAINS("but a range: write 192.0.2.0/31 192.0.2.2/32",
                    of("prefixes = ['192.0.2.0-192.0.2.2']\n").c_str());
    STRCMP_CONTAINS("its network is 192.0.2.0/24", of("prefixes = ['192.0.2.1/24']\n").c_str());
}
