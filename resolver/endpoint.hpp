// SPDX-License-Identifier: Apache-2.0
// Where a DNS server is: address, port and, for a link-local address, the interface behind which
// it is meant (RFC 4007 section 11). The interface is looked up when a socket is opened, not here:
// it may come later than we do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "controlplane/model/address.hpp"
#include "controlplane/model/result.hpp"

namespace sweepgate::dns {

struct Endpoint {
    Address address;
    std::uint16_t port = 53;
    std::string zone = {}; // "eth0" or an interface's number; of a link-local address only

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353", "fe80::1%eth0",
/// "[fe80::1%eth0]:5353".
///   errors   bad_input, naming the text: no address, a link-local one without interface, an
///            interface behind any other
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text,
                                              std::uint16_t default_port = 53);
[[nodiscard]] std::string to_string(const Endpoint& endpoint); // always with the port

/// The number of the interface that the zone names, if there is one now; 0 otherwise.
[[nodiscard]] std::uint32_t interface_of(const Endpoint& endpoint);

} // namespace sweepgate::dns
