// SPDX-License-Identifier: Apache-2.0
// The addresses without which the box is lost: its nameservers and its controller. They are never
// judged, whatever a catalog lists, so that no policy cuts off the way to the next policy.
// Numeric only: a name would need an answer from the network before any rule stands.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/agent/config.hpp"

namespace sweepgate::agent {

inline constexpr std::size_t kMaxNameservers = 8;

/// The first kMaxNameservers of `text`, resolv.conf(5); whatever is no address is left out.
[[nodiscard]] std::vector<Prefix> nameservers_in(std::string_view text);
/// The hosts of tcp:// endpoints that are addresses, of "tcp://[source;]host:port".
[[nodiscard]] std::vector<Prefix> hosts_in(std::span<const std::string> endpoints);
/// Those of the configuration, of /etc/resolv.conf and, behind systemd-resolved's stub, of its own
/// list; sorted, each once. A file that is not there has none.
[[nodiscard]] std::vector<Prefix> lifelines(const Config& config);

} // namespace sweepgate::agent
