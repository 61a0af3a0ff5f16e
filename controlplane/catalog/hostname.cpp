// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/hostname.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sweepgate {

namespace {

constexpr std::size_t kMaxName = 253; // RFC 1035: 255 octets on the wire
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxDigits = 6; // of a number in braces

tl::unexpected<Error> bad_name(std::string_view text, std::string_view why) {
    return fail(Errc::bad_input,
                "hostname '" + std::string(text.substr(0, kMaxName)) + "' " + std::string(why));
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::optional<std::string_view> fault_of_label(std::string_view label) {
    if (label.empty()) return "has an empty label";
    if (label.size() > kMaxLabel) return "has a label longer than 63 characters";
    if (label.front() == '-' || label.back() == '-') return "has a label with '-' at its end";
    if (label == "*") return "is a wildcard, which DNS cannot enumerate; list its names";
    if (!std::all_of(label.begin(), label.end(), is_name_character))
        return "has a character outside a-z, 0-9, '-' and '_' (write IDN as xn-- labels)";
    return std::nullopt;
}

/// The words that one brace's inside stands for.
Result<std::vector<std::string>> alternatives(std::string_view inside, std::string_view pattern) {
    const auto bad = [&] {
        return fail(Errc::bad_input, "pattern '" + std::string(pattern) + "': {" +
                                         std::string(inside) +
                                         "} is neither {first..last} nor {a,b}");
    };
    std::vector<std::string> words;
    const auto dots = inside.find("..");
    if (dots == std::string_view::npos) {
        for (std::size_t start = 0; start <= inside.size();) {
            const auto comma = std::min(inside.find(',', start), inside.size());
            words.emplace_back(inside.substr(start, comma - start));
            start = comma + 1;
        }
        if (words.size() < 2) return bad();
        return words;
    }
    unsigned first = 0;
    unsigned last = 0;
    const auto number = [](std::string_view text, unsigned& value) {
        if (text.empty() || text.size() > kMaxDigits) return false;
        const auto* end = text.data() + text.size();
        const auto [stop, fault] = std::from_chars(text.data(), end, value);
        return fault == std::errc{} && stop == end;
    };
    if (!number(inside.substr(0, dots), first) || !number(inside.substr(dots + 2), last) ||
        first > last || last - first >= kMaxExpansion)
        return bad();
    for (auto n = first; n <= last; ++n) words.push_back(std::to_string(n));
    return words;
}

/// Every head followed by every word.
std::vector<std::string> joined(const std::vector<std::string>& heads,
                                const std::vector<std::string>& words) {
    std::vector<std::string> longer;
    longer.reserve(heads.size() * words.size());
    for (const auto& head : heads)
        for (const auto& word : words) longer.push_back(head + word);
    return longer;
}

} // namespace

Result<std::string> parse_hostname(std::string_view text) {
    if (text.empty()) return fail(Errc::bad_input, "an empty hostname");
    if (text.size() > kMaxName) return bad_name(text, "is longer than 253 characters");
    if (text.back() == '.') return bad_name(text, "ends in a dot");
    std::string name(text);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (std::size_t start = 0; start <= name.size();) {
        const auto dot = std::min(name.find('.', start), name.size());
        const auto label = std::string_view(name).substr(start, dot - start);
        if (const auto fault = fault_of_label(label)) return bad_name(text, *fault);
        start = dot + 1;
    }
    if (name.find('.') == std::string::npos) return bad_name(text, "has only one label");
    return name;
}

Result<std::vector<std::string>> expand_pattern(std::string_view pattern) {
    std::vector<std::string> names{""};
    for (std::size_t at = 0; at < pattern.size();) {
        const auto open = std::min(pattern.find('{', at), pattern.size());
        names = joined(names, {std::string(pattern.substr(at, open - at))});
        if (open == pattern.size()) break;
        const auto close = pattern.find('}', open);
        if (close == std::string_view::npos)
            return fail(Errc::bad_input,
                        "pattern '" + std::string(pattern) + "' has a '{' without '}'");
        auto words = alternatives(pattern.substr(open + 1, close - open - 1), pattern);
        if (!words) return tl::unexpected(words.error());
        if (names.size() * words->size() > kMaxExpansion)
            return fail(Errc::bad_input, "pattern '" + std::string(pattern) + "' stands for over " +
                                             std::to_string(kMaxExpansion) + " names");
        names = joined(names, *words);
        at = close + 1;
    }
    for (auto& name : names) {
        auto hostname = parse_hostname(name);
        if (!hostname) return within("pattern '" + std::string(pattern) + "'", hostname.error());
        name = std::move(*hostname);
    }
    return names;
}

bool is_under(std::string_view name, std::string_view zone) {
    return name == zone || (name.size() > zone.size() && name.ends_with(zone) &&
                            name[name.size() - zone.size() - 1] == '.');
}

} // namespace sweepgate
