// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/prefix.hpp"

#include <charconv>

namespace sweepgate {

namespace {

Uint128 all_ones(Family family) { return family == Family::ipv4 ? 0xFFFFFFFFU : ~Uint128{0}; }

} // namespace

Result<Prefix> parse_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return fail(Errc::bad_input, "'" + std::string(text) + "' is not a prefix");
    if (slash == std::string_view::npos) return host(*address);

    const auto digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size() ||
        length > width(address->family))
        return fail(Errc::bad_input, "'" + std::string(text) + "' has a bad prefix length");

    const Prefix prefix{*address, static_cast<std::uint8_t>(length)};
    if ((address->value & prefix.host_mask()) != 0)
        return fail(Errc::bad_input, "'" + std::string(text) + "' has host bits set");
    return prefix;
}

std::string to_string(const Prefix& prefix) {
    return to_string(prefix.address) + "/" + std::to_string(prefix.length);
}

std::vector<Prefix> to_prefixes(const Range& range) {
    std::vector<Prefix> prefixes;
    const auto family = range.first.family;
    for (auto next = range.first.value;;) {
        // The widest prefix that starts at `next` and does not pass the end.
        auto length = static_cast<std::uint8_t>(width(family));
        while (length > 0) {
            const Prefix wider{{family, next}, static_cast<std::uint8_t>(length - 1)};
            if ((next & wider.host_mask()) != 0 || wider.last().value > range.last.value) break;
            --length;
        }
        prefixes.push_back({{family, next}, length});
        const auto last = prefixes.back().last().value;
        if (last == range.last.value) return prefixes;
        next = last + 1;
    }
}

std::vector<Range> merge(std::vector<Range> ranges) {
    std::sort(ranges.begin(), ranges.end());
    std::vector<Range> merged;
    for (const auto& range : ranges) {
        const bool joins = !merged.empty() && merged.back().last.family == range.first.family &&
                           (merged.back().last.value == all_ones(range.first.family) ||
                            range.first.value <= merged.back().last.value + 1);
        if (!joins)
            merged.push_back(range);
        else if (merged.back().last < range.last)
            merged.back().last = range.last;
    }
    return merged;
}

std::vector<Prefix> merge(const std::vector<Prefix>& prefixes) {
    std::vector<Range> ranges;
    ranges.reserve(prefixes.size());
    for (const auto& prefix : prefixes) ranges.push_back(to_range(prefix));
    std::vector<Prefix> merged;
    for (const auto& range : merge(std::move(ranges)))
        for (const auto& prefix : to_prefixes(range)) merged.push_back(prefix);
    return merged;
}

} // namespace sweepgate
