// SPDX-License-Identifier: Apache-2.0
#include "resolver/vantage.hpp"

#include <algorithm>
#include <string>

namespace sweepgate::dns {

namespace {

constexpr std::size_t kFixedOctets = 4; // family (2), source prefix length, scope prefix length
constexpr std::size_t kScopeAt = 3;

// IANA "Address Family Numbers".
constexpr std::uint8_t kFamilyIpv4 = 1, kFamilyIpv6 = 2;

constexpr unsigned longest(Family family) { return family == Family::ipv4 ? 24 : 56; }

} // namespace

Result<ClientSubnet> ClientSubnet::parse(std::string_view text) {
    const auto prefix = parse_prefix(text);
    if (!prefix) return within("subnet", prefix.error());
    const auto family = prefix->address.family;
    if (prefix->length > longest(family))
        return fail(Errc::bad_input, "subnet: " + to_string(*prefix) + " is longer than /" +
                                         std::to_string(longest(family)));
    const auto address = to_bytes(prefix->address);
    const std::size_t address_octets = (prefix->length + 7U) / 8U;
    ClientSubnet subnet;
    subnet.octets_[1] = family == Family::ipv4 ? kFamilyIpv4 : kFamilyIpv6;
    subnet.octets_[2] = prefix->length;
    std::copy_n(address.begin(), address_octets, subnet.octets_.begin() + kFixedOctets);
    subnet.size_ = kFixedOctets + address_octets;
    return subnet;
}

std::optional<std::uint8_t> ClientSubnet::scope_of(std::span<const std::uint8_t> reply) const {
    if (reply.size() != size_) return std::nullopt;
    const auto scope = reply[kScopeAt];
    if (scope > (octets_[1] == kFamilyIpv4 ? 32 : 128)) return std::nullopt;
    const bool is_ours =
        std::ranges::equal(reply.first(kScopeAt), octets().first(kScopeAt)) &&
        std::ranges::equal(reply.subspan(kFixedOctets), octets().subspan(kFixedOctets));
    return is_ours ? std::optional(scope) : std::nullopt;
}

Result<Vantage> parse_vantage(std::string_view text) {
    constexpr std::string_view kSubnet = "subnet=";
    const auto space = std::min(text.find(' '), text.size());
    const auto endpoint = parse_endpoint(text.substr(0, space));
    if (!endpoint) return tl::unexpected(endpoint.error());
    auto rest = text.substr(space);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.empty()) return Vantage{*endpoint, std::nullopt};
    if (!rest.starts_with(kSubnet))
        return fail(Errc::bad_input, "server '" + std::string(text) + "': '" + std::string(rest) +
                                         "' is not subnet=PREFIX");
    const auto subnet = ClientSubnet::parse(rest.substr(kSubnet.size()));
    if (!subnet) return within("server '" + std::string(text) + "'", subnet.error());
    return Vantage{*endpoint, *subnet};
}

} // namespace sweepgate::dns
