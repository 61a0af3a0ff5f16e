// SPDX-License-Identifier: Apache-2.0
#include "resolver/endpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <net/if.h>

#include "controlplane/model/prefix.hpp"

namespace sweepgate::dns {

namespace {

constexpr Prefix kLinkLocal{ipv6(0xFE80'0000'0000'0000, 0), 10};

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
    return fail(Errc::bad_input, "server '" + std::string(text) + "': " + why);
}

Result<std::uint16_t> parse_port(std::string_view text, std::string_view shown) {
    unsigned port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (fault != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
        return refuse(shown, "port '" + std::string(text) + "' is not within 1..65535");
    return static_cast<std::uint16_t>(port);
}

struct Parts {
    std::string_view address;
    std::string_view port; // may be empty
};

// A bare IPv6 address has more than one colon and no brackets.
Parts split(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return {text, {}};
        const auto rest = text.substr(end + 1);
        if (rest.empty()) return {text.substr(1, end - 1), {}};
        return rest.starts_with(':') && rest.size() > 1
                   ? Parts{text.substr(1, end - 1), rest.substr(1)}
                   : Parts{text, {}};
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos ||
        colon + 1 == text.size())
        return {text, {}};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_interface_name(std::string_view zone) {
    return !zone.empty() && zone.size() < IF_NAMESIZE && std::ranges::all_of(zone, [](char c) {
        return c > ' ' && c < 0x7f && c != '/' && c != '%' && c != '[' && c != ']';
    });
}

} // namespace

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
    const auto parts = split(text);
    const auto percent = std::min(parts.address.find('%'), parts.address.size());
    const auto address = parse_address(parts.address.substr(0, percent));
    if (!address) return within("server", address.error());
    Endpoint endpoint{*address, default_port};
    const bool has_zone = percent != parts.address.size();
    if (has_zone) {
        const auto zone = parts.address.substr(percent + 1);
        if (!is_interface_name(zone))
            return refuse(text, "'" + std::string(zone) + "' is no name of an interface");
        if (!kLinkLocal.contains(*address))
            return refuse(text, "only a link-local address (fe80::/10) has an interface behind it");
        endpoint.zone = zone;
    } else if (kLinkLocal.contains(*address)) {
        return refuse(text, "a link-local address needs its interface: " + to_string(*address) +
                                "%INTERFACE");
    }
    if (parts.port.empty()) return endpoint;
    const auto port = parse_port(parts.port, text);
    if (!port) return tl::unexpected(port.error());
    endpoint.port = *port;
    return endpoint;
}

std::string to_string(const Endpoint& endpoint) {
    auto address = to_string(endpoint.address);
    if (!endpoint.zone.empty()) address += "%" + endpoint.zone;
    const auto port = ":" + std::to_string(endpoint.port);
    return endpoint.address.family == Family::ipv4 ? address + port : "[" + address + "]" + port;
}

// As getaddrinfo(3) does: the name first, then a number.
std::uint32_t interface_of(const Endpoint& endpoint) {
    const auto& zone = endpoint.zone;
    if (zone.empty()) return 0;
    if (const auto index = if_nametoindex(zone.c_str()); index != 0) return index;
    std::uint32_t index = 0;
    const auto [end, fault] = std::from_chars(zone.data(), zone.data() + zone.size(), index);
    std::array<char, IF_NAMESIZE> name{};
    const bool is_number = fault == std::errc() && end == zone.data() + zone.size();
    return is_number && if_indextoname(index, name.data()) != nullptr ? index : 0;
}

} // namespace sweepgate::dns
