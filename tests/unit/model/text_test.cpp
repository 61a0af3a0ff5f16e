// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/text.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

TEST_GROUP(Printable){};

TEST(Printable, LeavesWhatSteersNothing) {
    for (const auto* text : {"", "irc.libera.chat", "münchen ≈97 % …", "会議 \U0001F600"})
        STRCMP_EQUAL(text, printable(text).c_str());
}

TEST(Printable, ReplacesControlCharactersOfEveryKind) {
    STRCMP_EQUAL("a?[2Jb?", printable("a\033[2Jb\x7f").c_str());
    STRCMP_EQUAL("??", printable("\n\r").c_str());
    STRCMP_EQUAL("?2J\u00DB", printable("\u009b2J\u00DB").c_str()); // CSI of C1; a letter
    STRCMP_EQUAL("a?b?c?d?", printable("a\u202Eb\u2066c\u200Fd\u2028").c_str());
}

TEST(Printable, ReplacesBytesThatAreNoUtf8) {
    STRCMP_EQUAL("?2J", printable("\x9b"
                                  "2J")
                            .c_str());                           // CSI of an eight-bit terminal
    STRCMP_EQUAL("??", printable("\xC0\x9B").c_str());           // overlong
    STRCMP_EQUAL("???", printable("\xED\xA0\x80").c_str());      // half a surrogate pair
    STRCMP_EQUAL("????", printable("\xF5\x80\x80\x80").c_str()); // beyond Unicode
    STRCMP_EQUAL("a?", printable("a\xE2").c_str());              // cut off
    STRCMP_EQUAL("??b", printable("\xE2\x80"
                                  "b")
                            .c_str());
}

TEST(Printable, ShowsWhatHasNoWidthByItsNumber) {
    STRCMP_EQUAL("\\u{FEFF}x", printable("\uFEFFx").c_str());
    STRCMP_EQUAL("a\\u{200B}b", printable("a\u200Bb").c_str());
}

TEST_GROUP(Escaped){};

TEST(Escaped, LeavesNothingThatIsNotAscii) {
    STRCMP_EQUAL("\\u{FF11}0", escaped("\uFF110").c_str());
    STRCMP_EQUAL("1\\u{00A0}", escaped("1\u00A0").c_str());
    STRCMP_EQUAL("\\xFF\\xEF\\xBB", escaped("\xFF\xEF\xBB").c_str()); // cut within a character
    STRCMP_EQUAL("?", escaped("\x1B").c_str());
}

TEST(Escaped, IsCutWhereItIsLong) {
    STRCMP_EQUAL("aaaa...", escaped(std::string(5, 'a'), 4).c_str());
    STRCMP_EQUAL("aaaa", escaped(std::string(4, 'a'), 4).c_str());
}
