// SPDX-License-Identifier: Apache-2.0
// Faults of form: all of them, and none that follows from another.
#include <string>

#include "controlplane/config/document.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::config;

namespace {

std::string faults_of(std::string_view text) {
    const auto document = Document::parse(text, "t.toml");
    if (!document) return document.error().what;
    auto root = document->root();
    for (const auto* key : {"a", "b", "c", "d"}) root.integer_or(key, 0, {0, 9});
    const auto ok = document->finish();
    return ok ? "" : ok.error().what;
}

std::string repeated(std::string text, const std::string& more, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) text += more;
    return text;
}

std::string parts(std::size_t count) { return repeated("a", ".a", count - 1); }

constexpr std::size_t kOverflows = 40'000; // toml++ 3.3.0 used 8 MiB of stack for so many

} // namespace

TEST_GROUP(Syntax){};

TEST(Syntax, HasLineAndColumn) {
    STRCMP_EQUAL("t.toml:1:5: no TOML: key-value pair: expected value, saw '\\n'",
                 faults_of("a = \nb = 1\n").c_str());
}

TEST(Syntax, GoesOnBehindAFault) {
    STRCMP_EQUAL("t.toml:1:5: no TOML: value: could not determine value type\n"
                 "t.toml:2:1: unknown key 'e'\n"
                 "t.toml:3:5: no TOML: key-value pair: expected value, saw '\\n'\n"
                 "t.toml:4:5: d = 77 is not within 0..9",
                 faults_of("a = blok\ne = 2\nc = \nd = 77\n").c_str());
}

TEST(Syntax, LeavesOutTheStatementThatWasNotClosed) {
    STRCMP_EQUAL("t.toml:3:1: no TOML: array: expected comma or closing ']', saw 'b'\n"
                 "t.toml:4:5: c = 77 is not within 0..9",
                 faults_of("a = [ 1,\n  2\nb = 3\nc = 77\n").c_str());
}

TEST(Syntax, MissesNoKeyWhereALineWasLeftOut) {
    const auto document = Document::parse("[s]\nname 'x'\n", "t.toml");
    CHECK_TRUE(document.has_value());
    document->root().section("s")->text("name");
    STRCMP_EQUAL("t.toml:2:6: no TOML: key-value pair: expected '=', saw '''",
                 document->finish().error().what.c_str());
}

TEST(Syntax, RefusesAKeyOfManyParts) {
    CHECK_TRUE(Document::parse(parts(16) + " = 1", "t").has_value());
    const auto many = parts(kOverflows);
    for (const auto& text :
         {parts(17) + " = 1", "[" + parts(17) + "]", "[[" + parts(17) + "]]",
          "x = { " + parts(17) + " = 1 }", many + " = 1", "[" + many + "]",
          "x = [{" + many + " = 1}]", "x = [\"\"\"y\"\"\"\", {" + many + " = 1}]",
          "x = ['''y''''', {" + many + " = 1}]", "x = [\"\\\"\", {" + many + " = 1}]",
          repeated("'a'", ".\"a\"", kOverflows) + " = 1",
          repeated("a", " . a", kOverflows) + " = 1"})
        STRCMP_CONTAINS("a key of more than 16 dotted parts", faults_of(text).c_str());
}

TEST(Syntax, CountsNoDotsInStringsCommentsAndNumbers) {
    const std::string dots(100, '.');
    for (const auto& text :
         {"# " + dots, "t = '" + dots + "'", "t = \"" + dots + "\"",
          "t = \"\"\"\n" + dots + "\n" + dots + "\"\"\"", repeated("t = [1.5", ", 1.5", 40) + "]"})
        CHECK_TRUE_TEXT(Document::parse(text, "t").has_value(), text.c_str());
}
