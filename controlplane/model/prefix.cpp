// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/prefix.hpp"

#include <bit>
#include <charconv>
#include <optional>

#include "controlplane/model/prefix_text.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

Uint128 all_ones(Family family) { return family == Family::ipv4 ? 0xFFFFFFFFU : ~Uint128{0}; }

tl::unexpected<Error> bad_prefix(std::string_view text, const std::string& why) {
    return fail(Errc::bad_input, "'" + escaped(text) + "' " + why);
}

std::string_view trimmed(std::string_view text) {
    const auto first = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Written as IPv6, read as IPv4: its length counts from the front of the IPv6 address.
bool is_mapped(std::string_view text, const Address& address) {
    return address.family == Family::ipv4 && text.find(':') != std::string_view::npos;
}

/// "24" or "255.255.255.0".
std::optional<std::uint8_t> length_of(std::string_view text, const Address& of, bool mapped) {
    if (of.family == Family::ipv4 && !mapped && text.find('.') != std::string_view::npos) {
        const auto mask = parse_address(text);
        if (!mask || mask->family != Family::ipv4) return std::nullopt;
        const auto bits = static_cast<std::uint32_t>(mask->value);
        const auto ones = std::countl_one(bits);
        if (std::popcount(bits) != ones) return std::nullopt; // a hole in it
        return static_cast<std::uint8_t>(ones);
    }
    const unsigned before = mapped ? 96 : 0;
    unsigned length = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc{} || stop != end || length < before ||
        length > before + width(of.family))
        return std::nullopt;
    return static_cast<std::uint8_t>(length - before);
}

} // namespace

Result<LoosePrefix> parse_loose_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return bad_prefix(text, "is not a prefix");
    if (slash == std::string_view::npos) return LoosePrefix{host(*address), false};
    const auto length = length_of(text.substr(slash + 1), *address, is_mapped(text, *address));
    if (!length) return bad_prefix(text, "has a bad prefix length");
    Prefix prefix{*address, *length};
    const bool host_bits = (prefix.address.value & prefix.host_mask()) != 0;
    prefix.address.value &= ~prefix.host_mask();
    return LoosePrefix{prefix, host_bits};
}

Result<std::optional<Range>> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::optional<Range>{};
    const auto first = parse_address(trimmed(text.substr(0, dash)));
    const auto last = parse_address(trimmed(text.substr(dash + 1)));
    if (!first || !last) return std::optional<Range>{};
    if (first->family != last->family) return bad_prefix(text, "has ends of two families");
    if (last->value < first->value) return bad_prefix(text, "ends before it begins");
    return std::optional<Range>({*first, *last});
}

Result<Prefix> parse_prefix(std::string_view text) {
    const auto loose = parse_loose_prefix(text);
    if (!loose) return tl::unexpected(loose.error());
    if (loose->had_host_bits)
        return bad_prefix(text, "has host bits set; its network is " + to_string(loose->prefix));
    return loose->prefix;
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
