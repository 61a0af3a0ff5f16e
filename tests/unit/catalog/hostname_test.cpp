// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/hostname.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string fault_of_name(std::string_view text) {
    const auto name = parse_hostname(text);
    return name ? "accepted " + *name : name.error().what;
}

std::string fault_of_pattern(std::string_view text) {
    const auto names = expand_pattern(text);
    return names ? "accepted" : names.error().what;
}

} // namespace

TEST_GROUP(Hostname){};

TEST(Hostname, IsStoredInLowerCase) {
    STRCMP_EQUAL("login.oscar.aol.com", parse_hostname("Login.OSCAR.aol.com")->c_str());
}

TEST(Hostname, MayCarryServiceLabels) {
    CHECK_TRUE(parse_hostname("_xmpp-client._tcp.example.org").has_value());
}

TEST(Hostname, MayBeWrittenAsPeopleDo) {
    STRCMP_EQUAL("example.org", parse_hostname("example.org.")->c_str());
    STRCMP_EQUAL("xn--mnchen-3ya.example", parse_hostname("München.example")->c_str());
}

TEST(Hostname, RefusesWhatDnsCannotAsk) {
    STRCMP_EQUAL("hostname '' is empty", fault_of_name("").c_str());
    STRCMP_EQUAL("hostname 'a..b' has an empty label", fault_of_name("a..b").c_str());
    STRCMP_EQUAL("hostname '.example.org' has an empty label",
                 fault_of_name(".example.org").c_str());
    STRCMP_EQUAL("hostname 'localhost' has only one label", fault_of_name("localhost").c_str());
    STRCMP_CONTAINS("hostname '*.example.org' is a wildcard",
                    fault_of_name("*.example.org").c_str());
    STRCMP_CONTAINS("hostname 'a b.org' has a space", fault_of_name("a b.org").c_str());
}

TEST(Hostname, RefusesAnAddressAndSaysWhereItBelongs) {
    for (const auto* text : {"93.184.216.10", "2001:db8::1", "::ffff:192.0.2.1"})
        STRCMP_EQUAL(("hostname '" + std::string(text) +
                      "' is an address, not a name: put it under prefixes")
                         .c_str(),
                     fault_of_name(text).c_str());
    STRCMP_EQUAL("hostname '192.0.2.0/24' is a prefix, not a name: put it under prefixes",
                 fault_of_name("192.0.2.0/24").c_str());
    STRCMP_CONTAINS("ends in a number", fault_of_name("942.180.233.122").c_str());
}

TEST(Hostname, LetsNothingThroughThatSteersATerminal) {
    const auto fault = fault_of_name("\u202Ea.org");
    CHECK_TRUE(fault.find("\u202E") == std::string::npos);
    STRCMP_CONTAINS("cannot be converted", fault.c_str());
}

TEST_GROUP(Pattern){};

TEST(Pattern, ExpandsARange) {
    const auto names = expand_pattern("e{1..16}.whatsapp.net");
    CHECK_EQUAL(16U, names->size());
    STRCMP_EQUAL("e1.whatsapp.net", names->front().c_str());
    STRCMP_EQUAL("e16.whatsapp.net", names->back().c_str());
}

TEST(Pattern, ExpandsAListAndMultiplies) {
    const auto names = expand_pattern("{a,b}{1..2}.example.org");
    CHECK_EQUAL(4U, names->size());
    STRCMP_EQUAL("a1.example.org", names->at(0).c_str());
    STRCMP_EQUAL("b2.example.org", names->at(3).c_str());
}

TEST(Pattern, WithoutBracesIsTheNameItself) {
    STRCMP_EQUAL("a.example.org", expand_pattern("a.example.org")->at(0).c_str());
}

TEST(Pattern, RefusesMalformedBraces) {
    STRCMP_EQUAL("pattern 'e{1..' has a '{' without '}'", fault_of_pattern("e{1..").c_str());
    STRCMP_EQUAL("pattern 'e{9..1}.a.org': {9..1} is neither {first..last} nor {a,b}",
                 fault_of_pattern("e{9..1}.a.org").c_str());
    STRCMP_EQUAL("pattern 'e{x}.a.org': {x} is neither {first..last} nor {a,b}",
                 fault_of_pattern("e{x}.a.org").c_str());
    STRCMP_EQUAL("pattern 'e{}.a.org': {} is neither {first..last} nor {a,b}",
                 fault_of_pattern("e{}.a.org").c_str());
    STRCMP_CONTAINS("letters, digits", fault_of_pattern("e}.a.org").c_str());
}

TEST(Pattern, RefusesToStandForTooMany) {
    STRCMP_EQUAL("pattern '{1..100}.{1..100}.org' stands for over 1024 names",
                 fault_of_pattern("{1..100}.{1..100}.org").c_str());
    STRCMP_CONTAINS("is neither", fault_of_pattern("{1..999999}.a.org").c_str());
}

TEST_GROUP(Zone){};

TEST(Zone, HoldsItselfAndWhatIsBelow) {
    CHECK_TRUE(is_under("aol.com", "aol.com"));
    CHECK_TRUE(is_under("bos.oscar.aol.com", "aol.com"));
    CHECK_FALSE(is_under("notaol.com", "aol.com"));
    CHECK_FALSE(is_under("com", "aol.com"));
}
