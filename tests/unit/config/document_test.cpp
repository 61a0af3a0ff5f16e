// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/document.hpp"

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

TEST(Document, NamesAnUnknownKeyWithItsLine) {
    auto document = parsed("a = 1\n[s]\nknown = 1\ntypo = 2\n");
    auto root = document.root();
    root.integer("a", {0, 9});
    root.section("s")->integer("known", {0, 9});
    STRCMP_EQUAL("t.toml: line 4: unknown key 'typo'", fault_of(document).c_str());
}

TEST(Document, NamesAnUnknownKeyInAnArrayOfTables) {
    auto document = parsed("[[g]]\nh = 1\n[[g]]\nx = 1\n");
    for (auto section : document.root().sections("g")) section.integer_or("h", 0, {0, 9});
    STRCMP_EQUAL("t.toml: line 4: unknown key 'x'", fault_of(document).c_str());
}

TEST(Document, RefusesAValueOutOfRange) {
    auto document = parsed("\nport = 70000\n");
    document.root().integer("port", {1, 65535});
    STRCMP_EQUAL("t.toml: line 2: port = 70000 is not within 1..65535", fault_of(document).c_str());
}

TEST(Document, RefusesAWrongType) {
    auto document = parsed("port = '53'\n");
    document.root().integer("port", {1, 65535});
    STRCMP_EQUAL("t.toml: line 1: 'port' must be an integer", fault_of(document).c_str());
}

TEST(Document, NamesAMissingKey) {
    auto document = parsed("[s]\n");
    document.root().section("s")->text("name");
    STRCMP_EQUAL("t.toml: line 1: missing key 'name'", fault_of(document).c_str());
}

TEST(Document, ReportsSyntaxWithLineAndColumn) {
    const auto document = Document::parse("a = \n", "t.toml");
    CHECK_FALSE(document.has_value());
    STRNCMP_EQUAL("t.toml: line 1, column", document.error().what.c_str(), 22);
}

TEST(Document, RefusesWhatTheLibraryAsserts) {
    for (const auto* text : {"[=", "[[.]]", "a = 1\n[#]\n", "[\x01]"})
        CHECK_FALSE_TEXT(Document::parse(text, "t.toml").has_value(), text);
}

TEST(Document, NamesAFileThatIsNotThere) {
    const auto document = Document::load("/nonexistent/policy.toml");
    CHECK_FALSE(document.has_value());
    STRCMP_EQUAL("/nonexistent/policy.toml: No such file or directory",
                 document.error().what.c_str());
}
