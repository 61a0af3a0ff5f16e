// SPDX-License-Identifier: Apache-2.0
// Zones of content networks and front doors, whose addresses answer for thousands of unrelated
// sites. A CNAME chain that ends in one leads to an address that is not the system's own.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sweepgate {

/// The zone of the content network that the chain passes through, or "".
[[nodiscard]] std::string_view content_network(std::span<const std::string> chain);

} // namespace sweepgate
