// SPDX-License-Identifier: Apache-2.0
// toml++ stops at the first fault of form. To tell the others too, the statement at fault is left
// out and the rest is read again.
#include "controlplane/config/nesting.hpp"
#include "controlplane/config/state.hpp"

namespace sweepgate::config {

namespace {

constexpr std::size_t kMostReadAgain = std::size_t{64} << 10U; // of a larger text: the first fault

struct FormFault {
    Place place;
    std::string what;
};

/// The library says "Error while parsing key-value pair: expected value, saw '\n'".
std::string in_our_words(std::string_view description) {
    constexpr std::string_view kPrefix = "Error while parsing ";
    if (description.starts_with(kPrefix)) description.remove_prefix(kPrefix.size());
    return "no TOML: " + std::string(description);
}

std::optional<FormFault> read(std::string_view text, std::string_view name, toml::table& into) {
    if (const auto place = too_many_parts(text))
        return FormFault{*place, "a key of more than " + std::to_string(kMostDottedParts) +
                                     " dotted parts"};
    try {
        into = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return FormFault{place_of(error.source()), in_our_words(error.description())};
    }
    return std::nullopt;
}

/// Offsets of a line, from 1, without its end.
std::pair<std::size_t, std::size_t> line_span(std::string_view text, unsigned line) {
    std::size_t begin = 0;
    for (; line > 1; --line) {
        const auto end = text.find('\n', begin);
        if (end == std::string_view::npos) break;
        begin = end + 1;
    }
    return {begin, std::min(text.find('\n', begin), text.size())};
}

bool starts_statement(std::string_view line) {
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    return !line.empty() && (line.front() == '[' || line.find('=') != std::string_view::npos);
}

std::string blanked(std::string text, unsigned first, unsigned last) {
    for (auto line = first; line <= last; ++line) {
        const auto [begin, end] = line_span(text, line);
        std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin),
                  text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    }
    return text;
}

/// The text without what is wrong at `line`: that line or, where it gets the parser further, the
/// statement before it, which was not closed.
std::string without_fault(const std::string& text, unsigned line, std::string_view name) {
    auto here = blanked(text, line, line);
    auto start = line - 1;
    const auto line_at = [&](unsigned number) {
        const auto [begin, end] = line_span(text, number);
        return std::string_view(text).substr(begin, end - begin);
    };
    while (start > 1 && !starts_statement(line_at(start))) --start;
    if (start < 1) return here;
    auto before = blanked(text, start, line - 1);
    toml::table ignored;
    const auto fault_here = read(here, name, ignored);
    const auto fault_before = read(before, name, ignored);
    const bool before_is_better =
        fault_here && (!fault_before || fault_before->place > fault_here->place);
    return before_is_better ? before : here;
}

} // namespace

bool parse_toml(std::string_view text, Section::State& state) {
    auto fault = read(text, state.name, state.root);
    if (!fault) return true;
    state.broken = true;
    state.faults.add(fault->place, fault->what);
    if (text.size() > kMostReadAgain) return false;
    std::string rest(text);
    for (std::size_t i = 1; fault && i < Faults::kMostTold; ++i) {
        const auto before = fault->place.line;
        rest = without_fault(rest, before, state.name);
        fault = read(rest, state.name, state.root);
        if (fault && fault->place.line <= before) return false; // no way on
        if (fault) state.faults.add(fault->place, fault->what);
    }
    return !fault;
}

} // namespace sweepgate::config
