// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/observations.hpp"

#include <algorithm>
#include <charconv>

#include "controlplane/catalog/hostname.hpp"

namespace sweepgate {

namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::size_t kMostUnnamed = 1'000'000'000;

std::string_view take_word(std::string_view& line) {
    const auto first = std::min(line.find_first_not_of(kBlank), line.size());
    const auto behind = std::min(line.find_first_of(kBlank, first), line.size());
    const auto word = line.substr(first, behind - first);
    line.remove_prefix(behind);
    return word;
}

Status add_word(std::string_view word, ObservedNames& seen) {
    std::size_t number = 0;
    const auto* end = word.data() + word.size();
    if (const auto [stop, fault] = std::from_chars(word.data(), end, number);
        fault == std::errc{} && stop == end && number <= kMostUnnamed) {
        seen.more = std::min(seen.more + number, kMostUnnamed);
        return {};
    }
    auto name = parse_hostname(word);
    if (!name) return tl::unexpected(name.error());
    const auto place = std::lower_bound(seen.names.begin(), seen.names.end(), *name);
    if (place != seen.names.end() && *place == *name) return {};
    if (seen.names.size() >= kMaxObservedNames)
        ++seen.more;
    else
        seen.names.insert(place, std::move(*name));
    return {};
}

Status add_line(std::string_view line, Observations& found) {
    line = line.substr(0, line.find('#'));
    const auto first = take_word(line);
    if (first.empty()) return {};
    const auto address = parse_address(first);
    if (!address) return tl::unexpected(address.error());
    if (found.size() >= kMaxObservedAddresses && !found.contains(*address))
        return fail(Errc::bad_input,
                    "more than " + std::to_string(kMaxObservedAddresses) + " addresses");
    auto& seen = found[*address];
    for (auto word = take_word(line); !word.empty(); word = take_word(line))
        if (auto ok = add_word(word, seen); !ok) return ok;
    return {};
}

} // namespace

Result<Observations> parse_observations(std::string_view text, std::string_view name) {
    Observations found;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        if (auto ok = add_line(text.substr(0, end), found); !ok)
            return within(std::string(name) + ": line " + std::to_string(number), ok.error());
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

} // namespace sweepgate
