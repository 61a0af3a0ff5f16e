// SPDX-License-Identifier: Apache-2.0
// One rule of a program in the expressions of the kernel, as nft itself would compile it (so that
// `nft list` reads it back): each condition loads into register 1 and compares.
#pragma once

#include <string>

#include "controlplane/nftables/handles.hpp"
#include "controlplane/nftables/program.hpp"

namespace sweepgate::nftables {

[[nodiscard]] NftRule to_kernel(const Rule& rule, const std::string& table,
                                const std::string& chain);

} // namespace sweepgate::nftables
