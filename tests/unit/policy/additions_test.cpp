// SPDX-License-Identifier: Apache-2.0
// The policy's [[add]] and the prefix lists it names.
#include <cstdlib>
#include <fstream>

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

TEST(Additions, NameFileLineAndValueOfAFaultInAList) {
    write("bad.txt", "198.51.100.0/24\n198.51.100.1/24\n");
    const auto text = "[[add]]\nsystem = 'irc'\nlists = ['bad.txt']\n";
    STRCMP_CONTAINS("policy.toml:3:10: ", fault(text).c_str());
    STRCMP_CONTAINS((folder / "bad.txt: line 2: ").c_str(), fault(text).c_str());
    STRCMP_CONTAINS("198.51.100.1/24", fault(text).c_str());
    STRCMP_CONTAINS("No such file", fault("[[add]]\nsystem = 'irc'\nlists = ['no.txt']\n").c_str());
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

TEST(Additions, BoundAList) {
    std::string text;
    for (std::size_t i = 0; i <= kMaxListed; ++i) text += "192.0.2.1\n";
    STRCMP_EQUAL("l: line 100001: more than 100000 prefixes",
                 parse_prefix_list(text, "l").error().what.c_str());
    CHECK_TRUE(parse_prefix_list("", "l")->empty());
    STRCMP_CONTAINS("l: line 1: ", parse_prefix_list("\x1b[31m", "l").error().what.c_str());
    CHECK_TRUE(parse_prefix_list("\x1b[31m", "l").error().what.find('\x1b') == std::string::npos);
    CHECK_TRUE(parse_prefix_list(std::string(100'000, '1'), "l").error().what.size() < 200);
}
