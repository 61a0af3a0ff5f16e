// SPDX-License-Identifier: Apache-2.0
// The reader of DNS answers. It does not use c-ares' parsers, which want the records in order,
// reject a whole answer for one odd target and believe a CNAME whoever owns it.
//
// Bounds: compression pointers point backwards and at most 64 are followed per name; a name has
// at most 255 octets; a chain has at most 16 hops; an answer holds at most 64 CNAME records.
// Every section is walked, so a message cut anywhere inside a record is malformed.
#pragma once

#include <cstdint>
#include <span>

#include "resolver/answer.hpp"

namespace sweepgate {

/// The answer, and what the transport needs to know about the packet that carried it.
struct Reading {
    Answer answer;           // question, resolver, rtt, tries, transport are left to the caller
    bool truncated = false;  // TC: the answer is malformed, ask again over TCP
    bool edns = false;       // an OPT record came back (RFC 6891)
    std::uint16_t rcode = 0; // with the OPT record's upper bits
    /// Payload of the ECS option that came back, within the message; empty without one.
    std::span<const std::uint8_t> client_subnet;
};

/// Reads one message as the answer to `question`.
///   message   header first, without TCP's length prefix; at most 65,535 octets
///   errors    none: everything that is not an answer to the question is Outcome::malformed
///   source    RFC 1035 section 4, RFC 2181 sections 5 and 8 (a TTL with its top bit set is 0),
///             RFC 2308 sections 2 and 5, RFC 2782, RFC 6891 section 6.1,
///             RFC 7871 section 6, RFC 8914 section 2, RFC 9460 section 2
[[nodiscard]] Reading read_message(std::span<const std::uint8_t> message, const Question& question);
/// The same into `reading`, of which nothing but its memory is used again.
void read_message(std::span<const std::uint8_t> message, const Question& question,
                  Reading& reading);

/// Only the answer of it, with the question.
[[nodiscard]] Answer read_answer(std::span<const std::uint8_t> message, const Question& question);

} // namespace sweepgate
