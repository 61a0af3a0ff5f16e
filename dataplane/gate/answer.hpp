// SPDX-License-Identifier: Apache-2.0
// What the sender of a rejected packet is told, so that it gives up at once: a TCP reset, or the
// ICMP error "administratively prohibited". Pure: bytes in, bytes out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dataplane/filter/parse.hpp"

namespace sweepgate::gate {

/// Room for the largest answer: Ethernet with all tags, a PPPoE session, and the 576 bytes that an
/// ICMP error may have (RFC 1812, 4.3.2.3; RFC 4443, 2.4 allows more, which nobody needs).
inline constexpr std::size_t kMaxAnswer = 14 + 4 * filter::kMaxTags + 8 + 576;
using Answer = std::array<std::uint8_t, kMaxAnswer>;

/// The frame that goes back to the sender of `frame`, tags and PPPoE session included, as if the
/// packet's destination had sent it.
///   length   bytes that lie at `frame`, as given to parse(); at least 12
///   parsed   what parse() made of it; IP
///   returns  bytes written to `answer`; 0 when none is due: resets, ICMP errors, fragments,
///            truncated segments, senders or destinations that are not one host, and packets
///            under an MPLS label stack: labels lead one way, and nobody here knows those that
///            lead back
///   source   RFC 9293, 3.5.2 (reset generation); RFC 1812, 4.3.2.7 and 5.2.7.1 (type 3 code
///            13); RFC 4443, 2.4 and 3.1 (type 1 code 1)
[[nodiscard]] std::size_t answer_rejected(const std::uint8_t* frame, std::size_t length,
                                          const filter::Parsed& parsed, Answer& answer) noexcept;

} // namespace sweepgate::gate
