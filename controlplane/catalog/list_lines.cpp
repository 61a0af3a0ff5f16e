// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/list_lines.hpp"

#include <algorithm>
#include <array>

#include "controlplane/catalog/hostname.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

constexpr std::string_view kBlank = " \t\r";

tl::unexpected<Error> bad_line(std::string_view text, const std::string& why) {
    return fail(Errc::bad_input, "'" + escaped(text) + "' " + why);
}

bool is_comment(std::string_view line) {
    return line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '!' ||
           line.starts_with("//");
}

/// Up to a comment behind the value.
std::string_view without_comment(std::string_view line) {
    line = line.substr(0, line.find_first_of("#;!"));
    return trim(line.substr(0, line.find("//")));
}

std::string_view take_word(std::string_view& line) {
    line = trim(line);
    const auto word = line.substr(0, line.find_first_of(kBlank));
    line.remove_prefix(word.size());
    return word;
}

Status add_name(std::string_view text, LineSays& says) {
    auto name = parse_hostname(text);
    if (!name) return tl::unexpected(name.error());
    says.names.push_back(std::move(*name));
    return {};
}

/// "Some Org, Inc.:192.0.2.1-192.0.2.7". A name may hold anything, so that goes before comments.
std::optional<Range> p2p_range(std::string_view line) {
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto range = parse_range(trim(line.substr(colon + 1)));
    if (!range || !*range || (*range)->first.family != Family::ipv4) return std::nullopt;
    return **range;
}

LineSays of_range(const Range& range) { return {to_prefixes(range), {}, 0}; }

Result<LineSays> read_plain(std::string_view line) {
    if (const auto range = p2p_range(line)) return of_range(*range);
    const auto value = without_comment(line);
    return value.empty() ? Result<LineSays>(LineSays{}) : read_listed_value(value);
}

/// Names of the machine itself, which every hosts file has.
bool is_local(std::string_view name) {
    constexpr std::array<std::string_view, 4> kLocal{"localhost", "localhost.localdomain",
                                                     "broadcasthost", "0.0.0.0"};
    return std::ranges::find(kLocal, name) != kLocal.end() || name.starts_with("ip6-") ||
           name.find('.') == std::string_view::npos;
}

Result<LineSays> read_hosts(std::string_view line) {
    line = line.substr(0, line.find('#'));
    const auto address = take_word(line);
    if (!parse_address(address.substr(0, address.find('%'))))
        return bad_line(address, "is not the address that begins a line of a hosts file");
    LineSays says;
    if (trim(line).empty()) return bad_line(address, "has no name behind it");
    for (auto name = take_word(line); !name.empty(); name = take_word(line)) {
        if (is_local(name)) continue;
        if (auto ok = add_name(name, says); !ok) return tl::unexpected(ok.error());
    }
    return says;
}

Result<LineSays> read_dnsmasq(std::string_view line) {
    line = trim(line.substr(0, line.find('#')));
    const auto equals = std::min(line.find('='), line.size());
    constexpr std::array<std::string_view, 5> kOptions{"address", "server", "local", "ipset",
                                                       "nftset"};
    const auto option = trim(line.substr(0, equals));
    auto rest = trim(line.substr(std::min(equals + 1, line.size())));
    const auto end = rest.rfind('/');
    if (std::ranges::find(kOptions, option) == kOptions.end() || !rest.starts_with('/') || end == 0)
        return bad_line(line, "is not like address=/NAME/");
    LineSays says;
    rest = rest.substr(1, end - 1);
    for (std::size_t start = 0; start <= rest.size();) {
        const auto slash = std::min(rest.find('/', start), rest.size());
        if (auto ok = add_name(rest.substr(start, slash - start), says); !ok)
            return tl::unexpected(ok.error());
        start = slash + 1;
    }
    return says;
}

Result<LineSays> read_adblock(std::string_view line) {
    constexpr std::string_view kAnchor = "||";
    if (line.front() == '[' && line.back() == ']') return LineSays{}; // "[Adblock Plus 2.0]"
    const auto shown = line;
    if (!line.starts_with(kAnchor)) return bad_line(shown, "is not like ||NAME^");
    line.remove_prefix(kAnchor.size());
    const auto end = line.find_first_of("^$");
    const auto behind = line.substr(std::min(end, line.size()));
    if (!behind.empty() && behind != "^" && !behind.starts_with("^$") && behind.front() != '$')
        return bad_line(shown, "is not like ||NAME^: a path cannot be listed");
    const auto value = line.substr(0, end);
    if (auto address = read_listed_value(value)) return address;
    LineSays says;
    if (auto ok = add_name(value, says); !ok) return tl::unexpected(ok.error());
    return says;
}

Result<LineSays> read_domain(std::string_view line) {
    line = line.substr(0, line.find('#'));
    auto name = take_word(line); // "@ads" and the like may follow
    for (const auto* kind : {"full:", "domain:"})
        if (name.starts_with(kind)) name.remove_prefix(std::string_view(kind).size());
    LineSays says;
    if (auto ok = add_name(name, says); !ok) return tl::unexpected(ok.error());
    return says;
}

} // namespace

std::string_view trim(std::string_view text) {
    const auto first = std::min(text.find_first_not_of(kBlank), text.size());
    return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

Result<LineSays> read_listed_value(std::string_view value) {
    const auto range = parse_range(value);
    if (!range) return tl::unexpected(range.error());
    if (*range) return of_range(**range);
    std::string joined(value);
    const auto space = value.find_first_of(kBlank); // "192.0.2.0 255.255.255.0"
    if (space != std::string_view::npos && parse_address(value.substr(0, space))) {
        const auto behind = trim(value.substr(space)); // or "192.0.2.0 /24"
        joined = std::string(value.substr(0, space)) + (behind.starts_with('/') ? "" : "/") +
                 std::string(behind);
    }
    const auto prefix = parse_loose_prefix(joined);
    if (!prefix) return tl::unexpected(prefix.error());
    return LineSays{{prefix->prefix}, {}, prefix->had_host_bits ? 1U : 0U};
}

Result<LineSays> read_list_line(std::string_view line, ListFormat format) {
    line = trim(line);
    if (is_comment(line)) return LineSays{};
    switch (format) {
    case ListFormat::hosts: return read_hosts(line);
    case ListFormat::dnsmasq: return read_dnsmasq(line);
    case ListFormat::adblock: return read_adblock(line);
    case ListFormat::domains: return read_domain(line);
    case ListFormat::plain:
    case ListFormat::nft: break;
    }
    return read_plain(line);
}

} // namespace sweepgate
