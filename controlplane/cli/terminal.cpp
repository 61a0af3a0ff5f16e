// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kUsual = 80;

struct Substitute {
    char32_t code;
    std::string_view ascii;
};
constexpr std::array<Substitute, 13> kSubstitutes = {{{U'\u00B1', "+/-"},
                                                      {U'\u00B5', "u"},
                                                      {U'\u00B7', "."},
                                                      {U'\u00D7', "x"},
                                                      {U'\u2013', "-"},
                                                      {U'\u2014', "-"},
                                                      {U'\u2026', "..."},
                                                      {U'\u2192', "->"},
                                                      {U'\u2212', "-"},
                                                      {U'\u2248', "~"},
                                                      {U'\u2264', "<="},
                                                      {U'\u2588', "#"},
                                                      {U'\u2592', "="}}};

std::string_view value_of(const char* variable) {
    const auto* value = std::getenv(variable);
    return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
    for (const auto* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string value(value_of(variable));
        if (value.empty()) continue;
        std::ranges::transform(value, value.begin(),
                               [](unsigned char c) { return std::tolower(c); });
        return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return false;
}

std::size_t columns_wanted() {
    const auto text = value_of("COLUMNS");
    std::size_t columns = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
    return error == std::errc{} && end == text.data() + text.size() ? columns : 0;
}

/// The C library's own table, whatever the locale of the process is.
std::size_t width_of(char32_t code) {
    if (code < 0x300) return code >= 0x20 && code != 0x7F ? 1 : 0;
    static const locale_t kUtf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (kUtf8 == nullptr) return 1;
    const auto before = uselocale(kUtf8);
    const auto width = wcwidth(static_cast<wchar_t>(code));
    uselocale(before);
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

/// As much of `text` as takes at most `columns`.
std::string_view head_of(std::string_view text, std::size_t columns) {
    std::size_t taken = 0;
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const auto next = first_character(text.substr(bytes));
        taken += width_of(next.code);
        if (taken > columns) break;
        bytes += next.length;
    }
    return text.substr(0, bytes);
}

int slot(bool of_columns) {
    static const int kColumns = std::ios_base::xalloc();
    static const int kAscii = std::ios_base::xalloc();
    return of_columns ? kColumns : kAscii;
}

/// Where the text of a line continues below itself: behind its label, when one stands apart by two
/// blanks, else a little further in than it began.
std::size_t hang_of(std::string_view line, std::size_t columns) {
    const auto begin = std::min(line.find_first_not_of(' '), line.size());
    const auto gap = line.find("  ", begin);
    if (gap != std::string_view::npos) {
        const auto behind = line.find_first_not_of(' ', gap);
        if (behind != std::string_view::npos && behind <= columns / 2) return behind;
    }
    return std::min(begin + 2, columns / 3);
}

/// Broken at blanks, the first line of at most `first` columns, the others of `columns`.
std::vector<std::string> broken(std::string_view text, std::size_t first, std::size_t columns) {
    std::vector<std::string> lines;
    const auto room = [&] { return lines.empty() ? first : columns; };
    const auto skip_blanks = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    };
    skip_blanks();
    while (display_width(text) > room()) {
        auto head = head_of(text, room());
        if (head.empty()) head = text.substr(0, first_character(text).length);
        const bool at_blank = text[std::min(head.size(), text.size() - 1)] == ' ';
        if (const auto blank = head.rfind(' '); !at_blank && blank != std::string_view::npos)
            head = head.substr(0, blank);
        text.remove_prefix(head.size());
        skip_blanks();
        lines.emplace_back(head.substr(0, head.find_last_not_of(' ') + 1));
    }
    if (!text.empty() || lines.empty()) lines.emplace_back(text);
    return lines;
}

std::string fitted_line(std::string_view line, const Screen& screen) {
    auto text = printable(line);
    if (screen.ascii) text = in_ascii(text);
    if (display_width(text) <= screen.columns) return text;
    const auto begin = std::min(text.find_first_not_of(' '), screen.columns / 2);
    const auto hang = hang_of(text, screen.columns);
    std::string page;
    for (const auto& part : broken(std::string_view(text).substr(begin), screen.columns - begin,
                                   screen.columns - hang))
        page +=
            page.empty() ? std::string(begin, ' ') + part : '\n' + std::string(hang, ' ') + part;
    return page;
}

/// Control characters stand in strings only, so they can be escaped in the text.
std::string escaped(const std::string& json) {
    std::string clean;
    for (std::string_view rest = json; !rest.empty();) {
        const auto [code, length] = first_character(rest);
        if (is_control(code))
            clean += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
        else
            clean += rest.substr(0, length);
        rest.remove_prefix(length);
    }
    return clean;
}

} // namespace

Screen screen_behind(int output) {
    Screen screen;
    screen.ascii = !locale_is_utf8();
    winsize size{};
    const bool terminal = isatty(output) != 0;
    if (terminal && ioctl(output, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        screen.columns = size.ws_col;
    else if (const auto wanted = columns_wanted(); wanted > 0)
        screen.columns = std::min(wanted, kBoundless);
    else if (terminal)
        screen.columns = kUsual;
    return screen;
}

// Zero is what a stream holds that was never told.
void set_screen(std::ostream& out, const Screen& screen) {
    out.iword(slot(true)) = screen.columns == kBoundless
                                ? 0
                                : static_cast<long>(std::max<std::size_t>(screen.columns, 1));
    out.iword(slot(false)) = screen.ascii ? 1 : 0;
}

Screen screen_of(std::ostream& out) {
    const auto columns = out.iword(slot(true));
    return {columns == 0 ? kBoundless : static_cast<std::size_t>(columns),
            out.iword(slot(false)) != 0};
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto next = first_character(text);
        width += width_of(next.code);
        text.remove_prefix(next.length);
    }
    return width;
}

std::string in_ascii(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto [code, length] = first_character(text);
        const auto found = std::ranges::find(kSubstitutes, code, &Substitute::code);
        if (code < 0x80)
            plain += static_cast<char>(code);
        else if (found != kSubstitutes.end())
            plain += found->ascii;
        else if (width_of(code) > 0)
            plain += '?';
        text.remove_prefix(length);
    }
    return plain;
}

std::string cut(std::string_view text, std::size_t columns, bool ascii) {
    if (display_width(text) <= columns) return std::string(text);
    const std::string_view dots = ascii ? "..." : "…";
    const auto room = columns - std::min(columns, display_width(dots));
    return std::string(head_of(text, room)) + std::string(head_of(dots, columns));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    return broken(text, columns, columns);
}

std::string fitted(std::string_view page, const Screen& screen) {
    std::string text;
    while (!page.empty()) {
        const auto end = std::min(page.find('\n'), page.size());
        text += fitted_line(page.substr(0, end), screen);
        if (end == page.size()) break;
        text += '\n';
        page.remove_prefix(end + 1);
    }
    return text;
}

std::string grouped(std::uint64_t number) {
    auto digits = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string json_text(const nlohmann::json& value) {
    return escaped(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string json_text(const nlohmann::ordered_json& value) {
    return escaped(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

} // namespace sweepgate::cli
