// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/source_lines.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;

namespace {

std::string shown(const std::string& what) {
    return shown_with_lines(what, Sources::remembered, "sweepgate");
}

} // namespace

TEST_GROUP(SourceLines){};

TEST(SourceLines, PutACaretUnderTheWord) {
    remember_source("p.toml", "[systems]\nwhatsap = \"block\"\n");
    STRCMP_EQUAL("p.toml:2:1: unknown system\n  whatsap = \"block\"\n  ^~~~~~~\n"
                 "p.toml:2:11: no such action\n  whatsap = \"block\"\n            ^~~~~~~\n",
                 shown("p.toml:2:1: unknown system\np.toml:2:11: no such action").c_str());
}

TEST(SourceLines, CountCharactersAndHideWhatSteersATerminal) {
    remember_source("u.toml", "\"\xc3\xbc\x1b[31m\" = 1, b\n");
    STRCMP_EQUAL("u.toml:1:14: x\n  \"\xc3\xbc?[31m\" = 1, b\n               ^\n",
                 shown("u.toml:1:14: x").c_str());
}

TEST(SourceLines, NameATextAsItWasTyped) {
    call_source("policy", "<stdin>");
    STRCMP_EQUAL("<stdin>:1:1: x\n<stdin>: and 3 more\n",
                 shown("policy:1:1: x\npolicy: and 3 more").c_str());
    STRCMP_EQUAL("sweepgate: policy 3 is not there\n", shown("policy 3 is not there").c_str());
}

TEST(SourceLines, AreLeftOutWhereThereIsNone) {
    remember_source("e.toml", "a = 1\n");
    STRCMP_EQUAL("e.toml:9:1: x\n", shown("e.toml:9:1: x").c_str());
    STRCMP_EQUAL("/etc/passwd:1:1: x\n", shown("/etc/passwd:1:1: x").c_str());
    STRCMP_EQUAL("sweepgate: no answer\n", shown("no answer").c_str());
}
