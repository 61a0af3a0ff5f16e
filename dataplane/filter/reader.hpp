// SPDX-License-Identifier: Apache-2.0
// A frame under the hands of the parsers; for parse.cpp, link.cpp and tunnel.cpp alone.
#pragma once

#include <algorithm>

#include "dataplane/filter/parse.hpp"

namespace sweepgate::filter {

/// One frame and how much of it may be read.
struct Reader {
    const std::uint8_t* frame;
    std::size_t length;      // bytes that lie at `frame`
    std::size_t wire_length; // bytes of the frame, or of the piece of it that is being read
    bool cut = false;        // bytes were asked for that are on the wire, but do not lie here

    [[nodiscard]] bool holds(std::size_t offset, std::size_t bytes) {
        if (offset <= length && bytes <= length - offset) return true;
        cut = cut || (offset <= wire_length && bytes <= wire_length - offset);
        return false;
    }
    /// What comes behind `end` belongs to somebody else.
    void end_at(std::size_t end) {
        length = std::min(length, end);
        wire_length = std::min(wire_length, end);
    }
};

[[nodiscard]] inline Parsed malformed() {
    Parsed parsed;
    parsed.kind = Kind::malformed;
    return parsed;
}

// Each reads what begins at an offset, down to the transport of the outermost IP header.
[[nodiscard]] Parsed read_ethernet(Reader& reader, std::size_t at);
/// `type`: the EtherType in front of `at`.
[[nodiscard]] Parsed read_typed(Reader& reader, std::uint16_t type, std::size_t at);
[[nodiscard]] Parsed read_ipv4(Reader& reader, std::size_t at);
[[nodiscard]] Parsed read_ipv6(Reader& reader, std::size_t at);

} // namespace sweepgate::filter
