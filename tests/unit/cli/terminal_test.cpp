// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/terminal.hpp"

#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <pty.h>
#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate::cli;

namespace {

/// The variables that a screen is made of, for one test.
struct Environment {
    Environment() {
        for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"}) unsetenv(name);
    }
    static void set(const char* name, const char* value) { setenv(name, value, 1); }
};

/// A terminal of so many columns; `told` zero is one that does not know.
struct Terminal {
    explicit Terminal(unsigned short told) {
        winsize size{};
        size.ws_row = 24;
        size.ws_col = told;
        openpty(&master, &slave, nullptr, nullptr, &size);
    }
    ~Terminal() {
        close(master);
        close(slave);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    int master = -1;
    int slave = -1;
};

struct NullDevice {
    NullDevice() = default;
    ~NullDevice() { close(output); }
    NullDevice(const NullDevice&) = delete;
    NullDevice& operator=(const NullDevice&) = delete;
    int output = open("/dev/null", O_WRONLY | O_CLOEXEC);
};

} // namespace

TEST_GROUP(Screen) {
    Environment environment;
    NullDevice pipe;

    void teardown() override { Environment::set("LC_ALL", "C.UTF-8"); }
};

TEST(Screen, OfATerminalHasTheWidthThatItTells) {
    const Terminal terminal(132);
    Environment::set("COLUMNS", "60");
    CHECK_EQUAL(132, screen_behind(terminal.slave).columns);
}

TEST(Screen, OfATerminalThatTellsNothingHasTheWidthOfTheEnvironmentOrEighty) {
    const Terminal terminal(0);
    CHECK_EQUAL(80, screen_behind(terminal.slave).columns);
    Environment::set("COLUMNS", "60");
    CHECK_EQUAL(60, screen_behind(terminal.slave).columns);
}

TEST(Screen, OfAPipeIsBoundlessUnlessTheEnvironmentSaysOtherwise) {
    CHECK_EQUAL(kBoundless, screen_behind(pipe.output).columns);
    for (const auto* nonsense : {"", "0", "wide", "80x24", "-1"}) {
        Environment::set("COLUMNS", nonsense);
        CHECK_EQUAL(kBoundless, screen_behind(pipe.output).columns);
    }
    Environment::set("COLUMNS", "60");
    CHECK_EQUAL(60, screen_behind(pipe.output).columns);
}

TEST(Screen, IsAsciiWhereTheLocaleHasNoUtf8) {
    CHECK_TRUE(screen_behind(pipe.output).ascii);
    Environment::set("LANG", "de_DE.UTF-8");
    CHECK_FALSE(screen_behind(pipe.output).ascii);
    Environment::set("LC_CTYPE", "de_DE.ISO-8859-1");
    CHECK_TRUE(screen_behind(pipe.output).ascii);
    Environment::set("LC_ALL", "C.utf8");
    CHECK_FALSE(screen_behind(pipe.output).ascii);
    Environment::set("LC_ALL", "C");
    CHECK_TRUE(screen_behind(pipe.output).ascii);
}

TEST(Screen, StaysWithItsStream) {
    std::ostringstream out;
    CHECK_TRUE(screen_of(out) == Screen());
    set_screen(out, {60, true});
    CHECK_TRUE((screen_of(out) == Screen{60, true}));
}

TEST_GROUP(Terminal){};

TEST(Terminal, ReadsItsSignsInAscii) {
    STRCMP_EQUAL("~97 % +/-0 #=. ... -> ?", in_ascii("≈97 % ±0 █▒· … → é").c_str());
}

TEST(Terminal, BreaksLongLinesAtBlanksBelowTheirText) {
    STRCMP_EQUAL("short\n"
                 "  guard      an address of\n"
                 "             irc.libera.chat\n"
                 "             alone\n",
                 fitted("short\n  guard      an address of irc.libera.chat alone\n", {30}).c_str());
    STRCMP_EQUAL("one two\n  three\n  four", fitted("one two three four", {8}).c_str());
}

TEST(Terminal, NeverExceedsItsWidth) {
    const std::string long_word(300, 'x');
    for (std::size_t columns = 1; columns < 140; ++columns)
        for (const auto& page : {long_word, "  " + long_word + "  a b\n" + long_word + " 会議会議",
                                 std::string(80, ' ') + "x"}) {
            std::istringstream lines(fitted(page, {columns}));
            for (std::string line; std::getline(lines, line);)
                // An ideograph takes two, even where there is one.
                CHECK_TRUE(display_width(line) <= std::max<std::size_t>(columns, 2));
        }
}

TEST(Terminal, IsNotSteeredByWhatItShows) {
    STRCMP_EQUAL("a?]0;x?\nb", fitted("a\033]0;x\a\nb", {}).c_str());
    STRCMP_EQUAL("????a", fitted("\xC2\x9B\x9B\u202E\u2066"
                                 "a",
                                 {})
                              .c_str());
}

TEST(Terminal, SeesNoControlCharacterInJsonEither) {
    const auto text = json_text(nlohmann::json{{"gate", "a\033\u009b\u202eb\x7f"}});
    STRCMP_EQUAL(R"({"gate":"a\u001b\u009b\u202eb\u007f"})", text.c_str());
    CHECK_TRUE(nlohmann::json::parse(text)["gate"] == "a\033\u009b\u202eb\x7f");
}
