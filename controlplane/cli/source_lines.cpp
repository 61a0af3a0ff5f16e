// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/source_lines.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <unistd.h>

#include "controlplane/cli/terminal.hpp"
#include "controlplane/config/document.hpp"
#include "controlplane/config/faults.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/usage/usage.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kMaxSource = std::size_t{8} << 20U;
constexpr std::size_t kMostShown = 100; // characters of a line

std::map<std::string, std::string>& sources() {
    static std::map<std::string, std::string> kSources; // of one command
    return kSources;
}

/// What the other side calls a text, and what its user does.
std::map<std::string, std::string>& aliases() {
    static std::map<std::string, std::string> kAliases; // of one command
    return kAliases;
}

std::string as_typed(const std::string& what) {
    std::string text;
    for (std::size_t begin = 0; begin <= what.size();) {
        const auto end = std::min(what.find('\n', begin), what.size());
        auto line = what.substr(begin, end - begin);
        for (const auto& [sent_as, typed] : aliases())
            if (line.starts_with(sent_as + ":")) {
                line.replace(0, sent_as.size(), typed);
                break;
            }
        text += (begin > 0 ? "\n" : "") + line;
        begin = end + 1;
    }
    return text;
}

struct Located {
    std::string name;
    config::Place place;
};

std::optional<unsigned> number_at(std::string_view text, std::size_t& at) {
    unsigned value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data() + at, end, value);
    if (fault != std::errc{} || stop == end || *stop != ':' || value == 0) return std::nullopt;
    at = static_cast<std::size_t>(stop - text.data()) + 1;
    return value;
}

/// "name:line:column: ..."
std::optional<Located> located(std::string_view line) {
    for (auto colon = line.find(':'); colon != std::string_view::npos;
         colon = line.find(':', colon + 1)) {
        auto at = colon + 1;
        const auto row = number_at(line, at);
        const auto column = row ? number_at(line, at) : std::nullopt;
        if (column && colon > 0)
            return Located{std::string(line.substr(0, colon)), {*row, *column}};
    }
    return std::nullopt;
}

const std::string& source_of(const std::string& name, Sources wanted) {
    auto& known = sources();
    if (!known.contains(name) && wanted == Sources::files)
        known[name] = config::read_file(name, kMaxSource).value_or("");
    return known[name];
}

std::optional<std::string_view> line_of(std::string_view text, unsigned number) {
    for (; number > 1; --number) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    text = text.substr(0, text.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return std::nullopt;
    return text;
}

/// How many bytes the word at the front has: a string with its quotes, a key, a number.
std::size_t word_length(std::string_view text) {
    if (text.empty()) return 0;
    if (text.front() == '"' || text.front() == '\'') {
        const auto end = text.find(text.front(), 1);
        return end == std::string_view::npos ? text.size() : end + 1;
    }
    const auto end = text.find_first_of(" \t=,[]{}\"'#");
    return std::max<std::size_t>(1, std::min(end, text.size()));
}

/// Bytes of the first `characters`.
std::size_t bytes_of(std::string_view text, unsigned characters) {
    std::size_t at = 0;
    for (; characters > 0 && at < text.size(); --characters)
        at += first_character(text.substr(at)).length;
    return at;
}

std::string with_caret(std::string_view line, unsigned column) {
    const auto begin = bytes_of(line, column - 1);
    const auto length = word_length(line.substr(begin));
    auto shown = printable(line.substr(0, begin));
    const auto indent = display_width(shown);
    const auto under =
        std::max<std::size_t>(1, display_width(printable(line.substr(begin, length))));
    if (indent + under > kMostShown) return {};
    const auto rest = printable(line.substr(begin));
    shown += cut(rest, kMostShown - indent);
    return "  " + shown + "\n  " + std::string(indent, ' ') + '^' + std::string(under - 1, '~') +
           '\n';
}

} // namespace

void remember_source(const std::string& name, std::string text) {
    sources()[name] = std::move(text);
}

void call_source(const std::string& sent_as, const std::string& typed) {
    aliases()[sent_as] = typed;
}

std::string told_with_lines(const std::string& what, Sources sources, const std::string& program) {
    return ::isatty(STDERR_FILENO) != 0 ? shown_with_lines(what, sources, program)
                                        : usage::complaint(program, as_typed(what));
}

std::string shown_with_lines(const std::string& what, Sources sources, const std::string& program) {
    const auto plain = usage::complaint(program, as_typed(what));
    std::string text;
    for (std::size_t begin = 0; begin < plain.size();) {
        const auto end = plain.find('\n', begin);
        const auto line = plain.substr(begin, end - begin);
        text += line + '\n';
        if (const auto at = located(line))
            if (const auto source = line_of(source_of(at->name, sources), at->place.line))
                text += with_caret(*source, at->place.column);
        begin = end + 1;
    }
    return text;
}

} // namespace sweepgate::cli
