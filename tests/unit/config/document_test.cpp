// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/document.hpp"

#include <algorithm>

#include <algorithm>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::config;

namespace {

Document parsed(std::string_view text) {
    auto document = Document::parse(text, "t.toml");
    CHECK_TRUE(document.has_value());
    return *document;
}

std::string fault_of(const Document& document) {
    const auto ok = document.finish();
    return ok ? "" : ok.error().what;
}

} // namespace

TEST_GROUP(Document){};

TEST(Document, ReadsEveryType) {
    auto document =
        parsed("a = 'x'\nb = 3\nc = true\nd = ['p', 'q']\n[e]\nf = 1.5\n[[g]]\nh = 1\n");
    auto root = document.root();
    STRCMP_EQUAL("x", root.text("a").c_str());
    CHECK_EQUAL(3, root.integer("b", {0, 9}));
    CHECK_TRUE(root.boolean_or("c", false));
    CHECK_EQUAL(2U, root.texts("d").size());
    DOUBLES_EQUAL(1.5, root.section("e")->number_or("f", 0, 0, 9), 0.01);
    CHECK_EQUAL(1, root.sections("g").at(0).integer("h", {0, 9}));
    STRCMP_EQUAL("", fault_of(document).c_str());
}

TEST(Document, NamesAnUnknownKeyWithItsPlace) {
    auto document = parsed("a = 1\n[s]\nknown = 1\n  typo = 2\n");
    auto root = document.root();
    root.integer("a", {0, 9});
    root.section("s")->integer("known", {0, 9});
    STRCMP_EQUAL("t.toml:4:3: unknown key 'typo'", fault_of(document).c_str());
}

TEST(Document, NamesAnUnknownKeyInAnArrayOfTables) {
    auto document = parsed("[[g]]\nh = 1\n[[g]]\nx = 1\n");
    for (auto section : document.root().sections("g")) section.integer_or("h", 0, {0, 9});
    STRCMP_EQUAL("t.toml:4:1: unknown key 'x'", fault_of(document).c_str());
}

TEST(Document, NamesTheMisspeltKeyInPlaceOfTheMissingOne) {
    auto document = parsed("[s]\nfrm = '08:00'\n");
    auto section = document.root().section("s");
    section->text("from");
    section->text("to");
    STRCMP_EQUAL("t.toml:1:1: missing key 'to'\n"
                 "t.toml:2:1: unknown key 'frm'; did you mean 'from'?",
                 fault_of(document).c_str());
}

TEST(Document, SuggestsATable) {
    auto document = parsed("[system]\nirc = 'block'\n[[shedule]]\n");
    auto root = document.root();
    root.section("systems");
    root.sections("schedule");
    STRCMP_EQUAL("t.toml:1:2: unknown table 'system'; did you mean 'systems'?\n"
                 "t.toml:3:3: unknown table 'shedule'; did you mean 'schedule'?",
                 fault_of(document).c_str());
}

TEST(Document, TellsEveryFaultInTheOrderOfTheText) {
    auto document = parsed("c = 3\nb = 'x'\na = 70000\n");
    auto root = document.root();
    root.integer("a", {1, 65535});
    root.integer("b", {1, 65535});
    STRCMP_EQUAL("t.toml:1:1: unknown key 'c'\n"
                 "t.toml:2:5: 'b' must be an integer\n"
                 "t.toml:3:5: a = 70000 is not within 1..65535",
                 fault_of(document).c_str());
}

TEST(Document, TellsTwentyFaultsAndCountsTheRest) {
    std::string text;
    for (int i = 0; i < 25; ++i) text += "k" + std::to_string(i) + " = 1\n";
    const auto document = parsed(text);
    const auto told = fault_of(document);
    CHECK_EQUAL(20, std::count(told.begin(), told.end(), '\n'));
    STRCMP_CONTAINS("\nt.toml:20:1: unknown key 'k19'\nt.toml: and 5 more", told.c_str());
}

TEST(Document, TellsNothingThatFollowsFromAnEarlierFault) {
    auto document = parsed("[s]\nhours = [ 'x' ]\nport = 'y'\n");
    auto section = *document.root().section("s");
    for (const auto& hour : section.texts("hours")) section.reject(hour, "no hour");
    section.reject("hours", "no hours at all");
    section.integer("port", {1, 2});
    section.reject("port", "not open");
    section.text("name");
    section.reject("name", "no good name");
    section.reject_whole("says nothing");
    STRCMP_EQUAL("t.toml:1:1: missing key 'name'\nt.toml:2:11: no hour\n"
                 "t.toml:3:8: 'port' must be an integer",
                 fault_of(document).c_str());
}

TEST(Document, TellsWhatASectionLacksWhenNothingInsideIsWrong) {
    auto document = parsed("[s]\n");
    document.root().section("s")->reject_whole("says nothing");
    STRCMP_EQUAL("t.toml:1:1: says nothing", fault_of(document).c_str());
}

TEST(Document, FindsNoUnknownKeysInWhatIsLeftUnread) {
    auto document = parsed("[pair]\ninside = { name = 'a' }\n");
    auto pair = *document.root().section("pair");
    pair.leave_unread("inside");
    STRCMP_EQUAL("", fault_of(document).c_str());
}

TEST(Document, CountsColumnsInCharacters) {
    auto document = parsed("a = { '\u00fc' = 1, b = 2 }\n");
    auto section = document.root().section("a");
    section->integer_or("\u00fc", 0, {0, 9});
    STRCMP_EQUAL("t.toml:1:16: unknown key 'b'", fault_of(document).c_str());
}

TEST(Document, NeverLetsATextSteerATerminal) {
    auto document = parsed("\"k\\u001b]0;pwned\\u0007\\u009b\" = 1\n");
    STRCMP_EQUAL("t.toml:1:1: unknown key 'k?]0;pwned?\?'", fault_of(document).c_str());
}

TEST(Document, RefusesWhatTheLibraryAsserts) {
    for (const auto* text : {"[=", "[[.]]", "a = 1\n[#]\n", "[\x01]"}) {
        const auto document = Document::parse(text, "t.toml");
        CHECK_FALSE_TEXT(document && document->finish(), text);
    }
}

TEST(Document, NamesAFileThatIsNotThere) {
    const auto document = Document::load("/nonexistent/policy.toml");
    CHECK_FALSE(document.has_value());
    STRCMP_EQUAL("/nonexistent/policy.toml: No such file or directory",
                 document.error().what.c_str());
}
