// SPDX-License-Identifier: Apache-2.0
#include "controlplane/usage/words.hpp"

#include <algorithm>
#include <vector>

#include "controlplane/model/nearest.hpp"

namespace sweepgate::usage {

namespace {

bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> words;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        words.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return words;
}

/// Digits that end in ':' at the front, removed.
bool take_number(std::string_view& text) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    if (end == 0 || end == text.size() || text[end] != ':') return false;
    text.remove_prefix(end + 1);
    return true;
}

} // namespace

std::string refused_value(std::string_view sentence) {
    constexpr std::string_view kValue = "Value ";
    constexpr std::string_view kRange = " not in range ";
    if (const auto at = sentence.find(kRange);
        sentence.starts_with(kValue) && at != std::string_view::npos) {
        const auto word = sentence.substr(kValue.size(), at - kValue.size());
        if (!is_number(word)) return "'" + std::string(word) + "' is no number";
        return std::string(word) + " is not within " +
               std::string(sentence.substr(at + kRange.size()));
    }
    constexpr std::string_view kSet = " not in {";
    if (const auto at = sentence.find(kSet);
        at != std::string_view::npos && sentence.back() == '}') {
        auto list = sentence.substr(at + kSet.size());
        list.remove_suffix(1);
        const auto word = sentence.substr(0, at);
        return "'" + std::string(word) + "' " + not_one_of(word, split(list));
    }
    return std::string(sentence);
}

std::string not_converted(std::string_view sentence) {
    constexpr std::string_view kPrefix = "Could not convert: ";
    if (sentence.starts_with(kPrefix)) sentence.remove_prefix(kPrefix.size());
    const auto equals = sentence.find(" = ");
    if (equals == std::string_view::npos) return std::string(sentence);
    auto value = sentence.substr(equals + 3);
    if (value.size() >= 2 && value.front() == '[') value = value.substr(1, value.size() - 2);
    return std::string(sentence.substr(0, equals)) + ": '" + std::string(value) + "' is no number" +
           (is_number(value) ? " that fits" : "");
}

bool names_a_place(std::string_view line) {
    for (auto colon = line.find(':'); colon != std::string_view::npos;
         colon = line.find(':', colon + 1)) {
        auto rest = line.substr(colon + 1);
        if (colon > 0 && take_number(rest) && take_number(rest) && rest.starts_with(' '))
            return true;
    }
    return false;
}

} // namespace sweepgate::usage
