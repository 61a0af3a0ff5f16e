// SPDX-License-Identifier: Apache-2.0
// Internal to the catalog: networks.toml.
#pragma once

#include <vector>

#include "controlplane/catalog/network.hpp"
#include "controlplane/config/document.hpp"

namespace sweepgate {

[[nodiscard]] std::vector<Network> read_networks(config::Section root);

} // namespace sweepgate
