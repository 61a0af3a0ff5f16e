// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/prefix_list.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

/// "192.0.2.0/24@1 irc.example.net@2": what was read, or the error.
std::string read(std::string_view text, ListFormat format = ListFormat::plain) {
    const auto list = parse_prefix_list(text, "l", format);
    if (!list) return list.error().what;
    std::string words;
    const auto add = [&](const std::string& what, unsigned line) {
        words += (words.empty() ? "" : " ") + what + "@" + std::to_string(line);
    };
    for (const auto& [prefix, line] : list->prefixes) add(to_string(prefix), line);
    for (const auto& [name, line] : list->names) add(name, line);
    return words;
}

std::string lines(std::size_t count, const std::string& line) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += line + "\n";
    return text;
}

} // namespace

TEST_GROUP(PrefixList){};

TEST(PrefixList, ReadsWhatEditorsLeaveBehind) {
    STRCMP_EQUAL("91.108.4.0/22@1", read("\xEF\xBB\xBF"
                                         "91.108.4.0/22")
                                        .c_str());
    STRCMP_EQUAL("192.0.2.0/24@1 192.0.2.1/32@3",
                 read("192.0.2.0/24\r\n\r\n\t192.0.2.1 \r\n").c_str());
}

TEST(PrefixList, PassesOverCommentsOfEveryKind) {
    STRCMP_EQUAL(
        "192.0.2.0/24@5 192.0.2.1/32@6 192.0.2.2/32@7 192.0.2.3/32@8",
        read("# a\n; b\n// c\n! d\n192.0.2.0/24 # a\n192.0.2.1;b\n192.0.2.2 // c\n192.0.2.3 "
             "! d\n")
            .c_str());
}

TEST(PrefixList, TurnsRangesIntoPrefixes) {
    STRCMP_EQUAL("192.0.2.0/31@1 192.0.2.2/32@1", read("192.0.2.0-192.0.2.2").c_str());
    STRCMP_EQUAL("2001:db8::/127@1", read("2001:db8:: - 2001:db8::1").c_str());
    STRCMP_EQUAL("192.0.2.4/31@1 192.0.2.8/32@2",
                 read("Yahoo! #1; Inc: West:192.0.2.4-192.0.2.5\nx:192.0.2.8-192.0.2.8\n").c_str());
}

TEST(PrefixList, ReadsNetmasks) {
    STRCMP_EQUAL(
        "91.108.4.0/22@1 91.108.8.0/22@2 91.108.12.0/22@3",
        read("91.108.4.0/255.255.252.0\n91.108.8.0 255.255.252.0\n91.108.12.0 /22\n").c_str());
}

TEST(PrefixList, MasksHostBitsAndCountsThem) {
    const auto list = parse_prefix_list("149.154.164.0/20\n192.0.2.0/24\n", "l");
    CHECK_EQUAL(1U, list->masked);
    STRCMP_EQUAL("149.154.160.0/20", to_string(list->prefixes[0].prefix).c_str());
    STRCMP_EQUAL("l: 1 prefix has host bits set; taken as the networks they lie in",
                 list->warnings("l").at(0).c_str());
}

TEST(PrefixList, TakesMappedAddressesForIpv4) {
    STRCMP_EQUAL("192.0.2.1/32@1", read("::ffff:192.0.2.1").c_str());
}

TEST(PrefixList, LosesTheBadLineOnly) {
    const auto list = parse_prefix_list("192.0.2.0/24\n942.180.233.122\n192.0.2.1192.0.2.2\n"
                                        "192.0.2.5\n\xE2\x80\x8B"
                                        "192.0.2.6\n192.0.2.7\n192.0.2.8",
                                        "l.txt");
    CHECK_TRUE(list.has_value());
    CHECK_EQUAL(4U, list->prefixes.size());
    CHECK_EQUAL(3U, list->faulty);
    STRCMP_EQUAL("l.txt:2: '942.180.233.122' is not a prefix", list->faults[0].c_str());
    STRCMP_EQUAL("l.txt:3: '192.0.2.1192.0.2.2' is not a prefix", list->faults[1].c_str());
    STRCMP_EQUAL("l.txt:5: '\\u{200B}192.0.2.6' is not a prefix", list->faults[2].c_str());
}

TEST(PrefixList, IsNoneWithMoreBadLinesThanItMayHave) {
    const auto good = lines(1'000, "192.0.2.1");
    CHECK_EQUAL(100U, parse_prefix_list(good + lines(100, "x"), "l")->faulty);
    STRCMP_EQUAL(
        "l:1001: 'x' is not a prefix; 101 of its 1101 lines are bad, which makes it no list",
        read(good + lines(101, "x")).c_str());
    const auto many = lines(20'000, "192.0.2.1");
    CHECK_TRUE(parse_prefix_list(many + lines(200, "x"), "l").has_value());
    CHECK_FALSE(parse_prefix_list(many + lines(250, "x"), "l").has_value());
    STRCMP_CONTAINS("which makes it no list", read("x\ny\n192.0.2.1\n").c_str());
}

TEST(PrefixList, TellsAFewFaultsAndCountsTheOthers) {
    const auto list = parse_prefix_list(lines(20, "192.0.2.1") + lines(10, "x"), "l");
    CHECK_EQUAL(kFaultsTold, list->faults.size());
    STRCMP_EQUAL("l: and 2 more bad lines; all are left out", list->warnings("l").back().c_str());
}

TEST(PrefixList, IsNoneWithoutAnEntry) {
    for (const auto* text : {"", "\n\n", "# service unavailable\n", "\xEF\xBB\xBF"})
        STRCMP_EQUAL("l: no entry in it", read(text).c_str());
}

TEST(PrefixList, IsBounded) {
    STRCMP_EQUAL("l:100001: more than 100000 prefixes",
                 read(lines(kMaxListed + 1, "192.0.2.1")).c_str());
    STRCMP_EQUAL("l:20001: more than 20000 names",
                 read(lines(kMaxListedNames + 1, "a.example"), ListFormat::domains).c_str());
    CHECK_TRUE(read("\x1b[31m").find('\x1b') == std::string::npos);
    CHECK_TRUE(read(std::string(100'000, '1')).size() < 300);
}

TEST(PrefixList, ReadsHostsFiles) {
    STRCMP_EQUAL("irc.example.net@2 www.example.net@2 a.example@3",
                 read("127.0.0.1 localhost\n0.0.0.0 IRC.example.net\twww.example.net # x\n"
                      ":: a.example\n::1 ip6-localhost\nfe80::1%lo0 localhost\n",
                      ListFormat::hosts)
                     .c_str());
    STRCMP_CONTAINS("'irc.example.net' is not the address that begins a line",
                    read("irc.example.net\n", ListFormat::hosts).c_str());
}

TEST(PrefixList, ReadsDnsmasqLines) {
    STRCMP_EQUAL("a.example@1 b.example@2 c.example@2 d.example@3",
                 read("address=/a.example/0.0.0.0\nserver=/b.example/c.example/\n"
                      "nftset=/d.example/4#inet#t#s\n",
                      ListFormat::dnsmasq)
                     .c_str());
    STRCMP_CONTAINS("is not like address=/NAME/", read("a.example", ListFormat::dnsmasq).c_str());
}

TEST(PrefixList, ReadsAdblockLines) {
    STRCMP_EQUAL(
        "192.0.2.1/32@4 a.example@2 b.example@3",
        read("[Adblock Plus 2.0]\n||a.example^\n||b.example^$third-party\n||192.0.2.1^\n! x",
             ListFormat::adblock)
            .c_str());
    STRCMP_CONTAINS("a path cannot be listed", read("||a.example^/x", ListFormat::adblock).c_str());
    STRCMP_CONTAINS("is not like ||NAME^", read("@@||a.example^", ListFormat::adblock).c_str());
}

TEST(PrefixList, ReadsElementsOfNftSets) {
    STRCMP_EQUAL("192.0.2.0/24@4 198.51.100.1/32@4 198.51.100.2/31@5",
                 read("table inet t {\n set s {\n type ipv4_addr; flags interval\n elements = { "
                      "192.0.2.0/24, 198.51.100.1 timeout 1h expires 3s comment \"a, b } c\",\n"
                      " 198.51.100.2-198.51.100.3 }\n }\n}\n",
                      ListFormat::nft)
                     .c_str());
    STRCMP_EQUAL("192.0.2.1/32@1 2001:db8::/32@2",
                 read("add element inet t s { 192.0.2.1 }\nadd element inet t s { 2001:db8::/32 }",
                      ListFormat::nft)
                     .c_str());
    STRCMP_EQUAL("192.0.2.1/32@1 192.0.2.2/32@1 192.0.2.3/32@2",
                 read("192.0.2.1, 192.0.2.2,\n192.0.2.3\n", ListFormat::nft).c_str());
    STRCMP_CONTAINS("no list", read("elements = { 192.0.2.1 . 80 }", ListFormat::nft).c_str());
}

TEST(PrefixList, ReadsNamesOnly) {
    STRCMP_EQUAL("a.example@1 b.example@2 xn--bcher-kva.example@3",
                 read("a.example # x\nfull:b.example @ads\nb\xC3\xBC"
                      "cher.example\n",
                      ListFormat::domains)
                     .c_str());
    STRCMP_CONTAINS("no list", read("keyword:chat\n", ListFormat::domains).c_str());
}

TEST(PrefixList, KnowsItsFormatsByWord) {
    for (const auto& word : list_format_words()) CHECK_TRUE(list_format_from(word).has_value());
    CHECK_TRUE(list_format_from("auto") == ListFormat::plain);
    CHECK_FALSE(list_format_from("Hosts").has_value());
    STRCMP_EQUAL("nft", std::string(to_string(ListFormat::nft)).c_str());
}
