// SPDX-License-Identifier: Apache-2.0
// Internal to the catalog: networks.toml.
#pragma once

#include <vector>

#include "controlplane/catalog/network.hpp"
#include "controlplane/config/document.hpp"

namespace sweepgate {

/// The text of a file; whoever keeps files has it from elsewhere.
using FileTexts = std::function<Result<std::string>(const std::filesystem::path&)>;

///   folder  of the prefix files that it names
[[nodiscard]] std::vector<Network> read_networks(config::Section root,
                                                 const std::filesystem::path& folder,
                                                 const FileTexts& texts,
                                                 std::vector<std::string>& warnings);

} // namespace sweepgate
