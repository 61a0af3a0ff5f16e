// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/hostname.hpp"

#include <algorithm>
#include <charconv>

#include "controlplane/model/name.hpp"
#include "controlplane/model/prefix_text.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMaxDigits = 6; // of a number in braces

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
    auto name = canonical_name(text); // its errors begin with "name 'TEXT'"
    if (!name)
        return fail(Errc::bad_input,
                    "host" + name.error().what +
                        (parse_loose_prefix(text) ? ": put it under prefixes" : ""));
    if (name->find('.') == std::string::npos)
        return fail(Errc::bad_input, "hostname '" + *name + "' has only one label");
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
