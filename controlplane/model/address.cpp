// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/address.hpp"

#include <arpa/inet.h>
#include <endian.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "controlplane/model/text.hpp"

namespace sweepgate {

namespace {

/// In front of an IPv4 address written as IPv6. Source: RFC 4291, section 2.5.5.2.
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

} // namespace

Result<Address> address_from_bytes(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != 4 && bytes.size() != 16)
        return fail(Errc::bad_input,
                    "an address of " + std::to_string(bytes.size()) + " bytes, want 4 or 16");
    Address address{bytes.size() == 4 ? Family::ipv4 : Family::ipv6, 0};
    for (const auto byte : bytes) address.value = (address.value << 8U) | byte;
    return address;
}

std::array<std::uint8_t, 16> to_bytes(const Address& address) {
    const auto front = address.value << (128U - width(address.family));
    const std::array<std::uint64_t, 2> words{htobe64(static_cast<std::uint64_t>(front >> 64U)),
                                             htobe64(static_cast<std::uint64_t>(front))};
    return std::bit_cast<std::array<std::uint8_t, 16>>(words);
}

Result<Address> parse_address(std::string_view text) {
    const std::string terminated(text);
    const auto family = text.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6;
    std::array<std::uint8_t, 16> bytes{};
    const int af = family == Family::ipv4 ? AF_INET : AF_INET6;
    if (terminated.size() != std::char_traits<char>::length(terminated.c_str()) ||
        inet_pton(af, terminated.c_str(), bytes.data()) != 1)
        return fail(Errc::bad_input, "'" + escaped(text) + "' is not an IP address");
    const std::span all(bytes);
    const bool is_mapped =
        family == Family::ipv6 && std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
    if (is_mapped) return address_from_bytes(all.subspan(kMapped.size()));
    return address_from_bytes(all.first(width_bytes(family)));
}

// inet_ntop() goes through printf for IPv4, which a sweep of 100,000 names notices.
std::string to_string(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto bytes = to_bytes(address);
    if (address.family == Family::ipv6) {
        inet_ntop(AF_INET6, bytes.data(), text.data(), static_cast<socklen_t>(text.size()));
        return text.data();
    }
    char* end = text.data();
    for (const unsigned byte : std::span(bytes).first(width_bytes(Family::ipv4))) {
        if (end != text.data()) *end++ = '.';
        end = std::to_chars(end, text.data() + text.size(), byte).ptr;
    }
    return {text.data(), end};
}

} // namespace sweepgate
