// SPDX-License-Identifier: Apache-2.0
// Addresses this machine cannot do without: whatever a vendor's DNS says, they are never
// enforced. Read afresh for every snapshot, because interfaces and routes change.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/guard/guard.hpp"

namespace sweepgate::controller {

/// The resolvers in use (those that are numeric), our own interface addresses (getifaddrs(3))
/// and the default gateways (proc(5), /proc/net/route and ipv6_route).
[[nodiscard]] std::vector<Guarded> addresses_in_use(std::span<const std::string> resolvers);

/// Gateways of the default routes in the text of /proc/net/route: hexadecimal, host byte order.
[[nodiscard]] std::vector<Address> default_gateways_v4(std::string_view proc_net_route);
/// The same for /proc/net/ipv6_route: 32 hexadecimal digits, network byte order.
[[nodiscard]] std::vector<Address> default_gateways_v6(std::string_view proc_net_ipv6_route);
/// "192.0.2.53", "192.0.2.53:53", "2001:db8::53" or "[2001:db8::53]:53".
[[nodiscard]] Result<Address> resolver_address(std::string_view server);

} // namespace sweepgate::controller
