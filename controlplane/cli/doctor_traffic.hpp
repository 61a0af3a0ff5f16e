// SPDX-License-Identifier: Apache-2.0
// Does all of this box's traffic come by its gates, and as it was on the wire?
#pragma once

#include <vector>

#include "boards/board.hpp"
#include "boards/preflight.hpp"
#include "controlplane/nftables/paths.hpp"

namespace sweepgate::cli {

/// Bridges, flowtables and other switches of this network namespace.
[[nodiscard]] std::vector<boards::Finding> ways_past_nftables();
/// The same of what was found.
[[nodiscard]] std::vector<boards::Finding> ways_past_nftables(const nftables::Paths& paths);

/// What the kernel does to the frames of the board's kernel ports before a gate has them, and
/// whether that can be helped.
[[nodiscard]] std::vector<boards::Finding> kernel_ports(const boards::Board& board);

} // namespace sweepgate::cli
