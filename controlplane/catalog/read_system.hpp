// SPDX-License-Identifier: Apache-2.0
// Internal to the catalog: the file of one system.
#pragma once

#include "controlplane/catalog/catalog.hpp"
#include "controlplane/config/document.hpp"

namespace sweepgate {

[[nodiscard]] CatalogSystem read_system(config::Section root);

} // namespace sweepgate
