// SPDX-License-Identifier: Apache-2.0
// IPv6 addresses that stand for an IPv4 one: whoever blocks the former blocks the latter.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "controlplane/model/prefix.hpp"

namespace sweepgate {

struct Embedded {
    Address ipv4;
    std::string_view how; // "IPv4-mapped", "NAT64", "6to4", "Teredo", "ISATAP", "IPv4-compatible"
};

///   nat64    the site's own translation prefixes: /32, /40, /48, /56, /64 or /96
///   returns  nothing for IPv4 and for IPv6 without one inside
///   source   RFC 4291 section 2.5.5, RFC 6052 section 2.2, RFC 3056, RFC 4380 section 4 (the
///            client's address, whose bits are inverted), RFC 5214 section 6.1
[[nodiscard]] std::optional<Embedded> embedded_ipv4(const Address& address,
                                                    std::span<const Prefix> nat64);

} // namespace sweepgate
