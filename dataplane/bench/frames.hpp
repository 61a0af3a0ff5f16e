// SPDX-License-Identifier: Apache-2.0
// Load for the benchmark, from fixed seeds: the same on every machine.
#pragma once

#include <filesystem>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::bench {

/// About `count` IPv4 prefixes, nine in ten of them hosts, the rest of 24 and 16..31 bits.
/// None lies in 198.18.0.0/15 (RFC 2544), where the clients are.
[[nodiscard]] Snapshot make_snapshot(std::size_t count, Generation generation);

/// A capture of 4096 distinct UDP frames of 64 bytes (60 without the check sequence) to random
/// servers, `listed_percent` of them listed in `snapshot`.
[[nodiscard]] Status write_capture(const std::filesystem::path& path, const Snapshot& snapshot,
                                   unsigned listed_percent);

} // namespace sweepgate::bench
