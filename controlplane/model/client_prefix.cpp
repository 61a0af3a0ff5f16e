// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/client_prefix.hpp"

#include <charconv>

namespace sweepgate {

namespace {

/// All of `text`, at most `limit`.
std::optional<std::uint8_t> bits_of(std::string_view text, unsigned limit) {
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc{} || end != text.data() + text.size() || bits > limit) return {};
    return static_cast<std::uint8_t>(bits);
}

} // namespace

std::optional<Prefix> ClientPrefix::of(const Address& client) const {
    const auto bits = client.family == Family::ipv4 ? ipv4 : ipv6;
    if (bits == 0) return {};
    Prefix kept{client, bits};
    kept.address.value &= ~kept.host_mask();
    return kept;
}

Result<ClientPrefix> parse_client_prefix(std::string_view text) {
    const auto comma = std::min(text.find(','), text.size());
    const auto ipv4 = bits_of(text.substr(0, comma), 32);
    const auto ipv6 = bits_of(text.substr(std::min(comma + 1, text.size())), 128);
    if (!ipv4 || !ipv6)
        return fail(Errc::bad_input, "'" + std::string(text.substr(0, 40)) +
                                         "' is not IPV4BITS,IPV6BITS, e.g. 24,48; at most 32,128");
    return ClientPrefix{*ipv4, *ipv6};
}

std::string to_string(const ClientPrefix& prefix) {
    return std::to_string(prefix.ipv4) + "," + std::to_string(prefix.ipv6);
}

} // namespace sweepgate
