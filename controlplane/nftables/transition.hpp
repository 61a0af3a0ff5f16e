// SPDX-License-Identifier: Apache-2.0
// The batches that lead from one state of the table to the next. Pure: what they hold depends on
// the state and the program only.
#pragma once

#include <set>

#include "controlplane/nftables/gate.hpp"
#include "controlplane/nftables/kernel.hpp"

namespace sweepgate::nftables {

/// A tag for `generation` that nothing in the table has: "7", else "7r1", "7r2", ...
[[nodiscard]] std::string free_tag(const TableState& state, Generation generation);

/// Batch 1: the table, missing base chains and counters, and the program, which nothing refers to.
/// Errors: refused when too big, conflict when a base chain is not where the options want it.
[[nodiscard]] Result<FinishedBatch> build_batch(const TableState& state, const GateOptions& options,
                                                const Program& program, std::uint32_t sequence);

/// Batch 2: every base chain jumps to `tag` and does nothing else.
[[nodiscard]] Result<FinishedBatch> switch_batch(const TableState& state,
                                                 const GateOptions& options, const std::string& tag,
                                                 std::uint32_t sequence);

/// Deletes these generations, which no base rule may refer to.
[[nodiscard]] Result<FinishedBatch> cleanup_batch(const TableState& state,
                                                  const GateOptions& options,
                                                  const std::set<std::string>& tags,
                                                  std::uint32_t sequence);

} // namespace sweepgate::nftables
