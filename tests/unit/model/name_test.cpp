// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/name.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

std::string canonical(std::string_view text) {
    const auto name = canonical_name(text);
    return name ? *name : "refused: " + name.error().what;
}

bool is_refused(std::string_view text, std::string_view why) {
    const auto name = canonical_name(text);
    return !name && name.error().code == Errc::bad_input &&
           name.error().what.find(why) != std::string::npos;
}

} // namespace

TEST_GROUP(CanonicalName){};

TEST(CanonicalName, IsLowerCaseWithoutTrailingDot) {
    STRCMP_EQUAL("login.icq.com", canonical("LogIn.ICQ.com.").c_str());
}

TEST(CanonicalName, KeepsUnderscoresAndDigits) {
    STRCMP_EQUAL("_xmpp-client._tcp.3example.com",
                 canonical("_xmpp-client._tcp.3example.com").c_str());
}

TEST(CanonicalName, TurnsUnicodeIntoALabels) {
    STRCMP_EQUAL("xn--bcher-kva.example", canonical("B\xC3\xBC"
                                                    "cher.example")
                                              .c_str());
    STRCMP_EQUAL("xn--strae-oqa.example", canonical("stra\xC3\x9F"
                                                    "e.example")
                                              .c_str());
}

TEST(CanonicalName, RefusesWhatIsNoName) {
    CHECK_TRUE(is_refused("", "is empty"));
    CHECK_TRUE(is_refused(".", "is empty"));
    CHECK_TRUE(is_refused("a..b", "empty label"));
    CHECK_TRUE(is_refused(".a", "empty label"));
    CHECK_TRUE(is_refused("a.b..", "empty label"));
    CHECK_TRUE(is_refused("a b.com", "space or control"));
    CHECK_TRUE(is_refused("a\tb.com", "space or control"));
    CHECK_TRUE(is_refused(std::string_view("a\0b.com", 7), "space or control"));
    CHECK_TRUE(is_refused("a\x7f.com", "space or control"));
    CHECK_TRUE(is_refused("a/b.com", "letters, digits"));
    CHECK_TRUE(is_refused("user@host", "letters, digits"));
    CHECK_TRUE(is_refused("\xFF\xFE.com", "cannot be converted"));
}

TEST(CanonicalName, RefusesAWildcardAndSaysWhy) {
    CHECK_TRUE(is_refused("*.example.com", "wildcard"));
    CHECK_TRUE(is_refused("*.example.com", "'*.example.com'"));
}

TEST(CanonicalName, RefusesAnAddress) {
    CHECK_TRUE(is_refused("192.0.2.1", "is an address"));
    CHECK_TRUE(is_refused("2001:db8::1", "is an address"));
    CHECK_TRUE(is_refused("::ffff:192.0.2.1", "is an address"));
    CHECK_TRUE(is_refused("192.0.2.0/24", "is a prefix"));
    CHECK_TRUE(is_refused("192.0.2.300", "ends in a number"));
    STRCMP_EQUAL("1.example.com", canonical("1.example.com").c_str());
    STRCMP_EQUAL("example.xn--p1ai", canonical("example.xn--p1ai").c_str());
}

TEST(CanonicalName, BoundsLabelsAndNames) {
    const std::string label63(63, 'a');
    STRCMP_EQUAL((label63 + ".com").c_str(), canonical(label63 + ".com").c_str());
    CHECK_TRUE(is_refused(label63 + "a.com", "more than 63"));
    const auto longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
    CHECK_EQUAL(253U, longest.size());
    STRCMP_EQUAL(longest.c_str(), canonical(longest).c_str());
    CHECK_TRUE(is_refused(longest + "b", "longer than 253"));
    CHECK_TRUE(is_refused(std::string(5000, 'a'), "is too long"));
}

TEST(CanonicalName, ShowsNoControlCharacterInItsRefusal) {
    CHECK_TRUE(canonical_name("a\x1b[31m.com").error().what.find('\x1b') == std::string::npos);
}
