// SPDX-License-Identifier: Apache-2.0
// The packet that an ICMP error is about.
#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/reader.hpp"

namespace sweepgate::filter {

namespace {

/// RFC 792: "the first 64 bits of the original datagram's data". RFC 4443 asks for more.
constexpr std::size_t kQuotedPayload = 8;

// Each is a header without options or extensions, of a packet that is no fragment.

std::optional<Quote> read_ipv4_quote(const std::uint8_t* header) {
    const bool is_fragment = (read16(header + 6) & 0x3FFFU) != 0;
    if (header[0] != 0x45 || is_fragment || read16(header + 2) < kIpv4Header + kQuotedPayload)
        return std::nullopt;
    return Quote{ipv4(read32(header + 12)), ipv4(read32(header + 16))};
}

std::optional<Quote> read_ipv6_quote(const std::uint8_t* header) {
    if (header[0] >> 4U != 6 || is_walked(header[6]) || read16(header + 4) < kQuotedPayload)
        return std::nullopt;
    return Quote{{Family::ipv6, read128(header + 8)}, {Family::ipv6, read128(header + 24)}};
}

} // namespace

std::optional<Quote> read_quote(const std::uint8_t* frame, std::size_t length, const Parsed& parsed,
                                bool& is_cut) noexcept {
    const bool is_ipv4 = parsed.kind == Kind::ipv4;
    const auto family = is_ipv4 ? Family::ipv4 : Family::ipv6;
    if (parsed.protocol != icmp_of(family) || parsed.is_later_fragment) return std::nullopt;
    const auto quoted = (is_ipv4 ? kIpv4Header : kIpv6Header) + kQuotedPayload;
    Reader reader{frame, std::min<std::size_t>(length, parsed.end), parsed.end};
    if (!reader.holds(parsed.transport, kIcmpHeader + quoted)) {
        is_cut = is_cut || reader.cut;
        return std::nullopt;
    }
    const auto* message = frame + parsed.transport;
    if (!is_icmp_error(family, message[0])) return std::nullopt;
    return is_ipv4 ? read_ipv4_quote(message + kIcmpHeader)
                   : read_ipv6_quote(message + kIcmpHeader);
}

} // namespace sweepgate::filter
