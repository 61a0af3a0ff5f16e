// SPDX-License-Identifier: Apache-2.0
// Snapshots and packets for the kernel tests, in one line each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controlplane/model/judge.hpp"

namespace sweepgate::lab {

/// Systems: "drop" (tcp 5190), "watch" (udp 4000), "refuse" (tcp 6660-6669); everyone has these
/// actions, the group "staff" (192.0.2.128/25, 2001:db8:aa::/48) is only monitored on "drop".
[[nodiscard]] SnapshotParts three_systems();

/// Adds "prefix" to `parts`; system by index: 0 drop, 1 watch, 2 refuse.
void list(SnapshotParts& parts, const std::string& prefix, SystemIndex system,
          Scope scope = Scope::exclusive);

[[nodiscard]] Snapshot made(SnapshotParts parts, Generation generation);

/// `count` addresses 11.0.0.0 + 2 i: no two are adjacent.
void list_many(SnapshotParts& parts, std::uint32_t count);

[[nodiscard]] std::vector<std::uint8_t> to_packet(const Flow& flow);

/// Sets the checksum of an IPv4 header without options.
void close_header(std::vector<std::uint8_t>& ip);

} // namespace sweepgate::lab
