// SPDX-License-Identifier: Apache-2.0
// Zones of content networks and front doors, whose addresses answer for thousands of unrelated
// sites. A CNAME chain that ends in one leads to an address that is not the system's own.
#pragma once

#include <string_view>

namespace sweepgate {

/// The content network's zone that `name` is in, or "".
[[nodiscard]] std::string_view content_network(std::string_view name);

} // namespace sweepgate
