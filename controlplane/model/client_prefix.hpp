// SPDX-License-Identifier: Apache-2.0
// How much of a client's address leaves the packet path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

/// Leading bits that are kept; 0 keeps nothing of the family, not even that there was a client.
struct ClientPrefix {
    std::uint8_t ipv4 = 32;
    std::uint8_t ipv6 = 128;

    [[nodiscard]] std::optional<Prefix> of(const Address& client) const;
    friend bool operator==(const ClientPrefix&, const ClientPrefix&) = default;
};

/// "24,48": bits of IPv4, of IPv6. Errors: bad_input naming the text.
[[nodiscard]] Result<ClientPrefix> parse_client_prefix(std::string_view text);
[[nodiscard]] std::string to_string(const ClientPrefix& prefix);

} // namespace sweepgate
