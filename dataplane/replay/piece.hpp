// SPDX-License-Identifier: Apache-2.0
// What a capture file consists of, one piece after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sweepgate::replay {

/// Nanoseconds since 1970.
using Moment = std::int64_t;

/// As the file has it.
struct Packet {
    std::span<const std::uint8_t> bytes; // what was captured, from the link's header on
    std::uint32_t wire_length = 0;       // not less than `bytes`, whatever the record says
    Moment at = 0;
    std::uint32_t link = 0;    // its LINKTYPE_ number
    bool is_oversized = false; // more was captured than the snapshot length of its interface
};

/// Valid until the next one is read.
struct Piece {
    std::span<const std::uint8_t> raw; // with its header; a copy of all pieces is the file
    std::optional<Packet> packet;      // none: the file's header, an interface, a comment ...
};

/// No honest packet is longer; a capture that says so is damaged.
inline constexpr std::uint32_t kMostCaptured = 1U << 20U;

} // namespace sweepgate::replay
