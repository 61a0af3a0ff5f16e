// SPDX-License-Identifier: Apache-2.0
// Load for the benchmarks, from fixed seeds: the same on every machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::bench {

/// What is listed and what passes by.
struct Traffic {
    std::size_t ipv4_prefixes = 0;
    std::size_t ipv6_prefixes = 0;
    unsigned ipv6_percent = 0;   // of the frames
    unsigned tagged_percent = 0; // of the frames; every second of them has two tags
    unsigned listed_percent = 0; // of the frames; they go to a listed server
    bool unicast = false;        // IPv4 servers that a kernel would route to
};

/// Frames of a capture; then it begins anew.
inline constexpr unsigned kFrames = 4096;

/// One system with about as many prefixes as asked for.
///   IPv4    nine in ten hosts, the rest of 24 and (at most 5000) of 16..31 bits
///   IPv6    six in ten hosts, three in ten of 64 bits, the rest of 36..56 (mostly 48),
///           in 20,000 random networks of 32 bits below 2000::/3
/// None lies in 198.18.0.0/15 (RFC 2544) or 2001:db8::/32, where the clients are.
[[nodiscard]] Snapshot make_snapshot(const Traffic& traffic);

/// Writes a capture of 4096 distinct UDP frames of 64 bytes (60 without the check sequence), IPv6
/// 62 and each tag four more, from clients to random servers.
[[nodiscard]] Status write_capture(const std::filesystem::path& path, const Traffic& traffic,
                                   const Snapshot& snapshot);
/// The frames of it.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> make_frames(const Traffic& traffic,
                                                                 const Snapshot& snapshot);

} // namespace sweepgate::bench
