// SPDX-License-Identifier: Apache-2.0
// What the data of one record adds to an answer. RFC 1035 section 3.4 (A), RFC 3596 (AAAA),
// RFC 2782 (SRV), RFC 1035 section 3.3.12 (PTR), RFC 9460 (HTTPS), RFC 8914 (an option of OPT).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "resolver/answer.hpp"
#include "resolver/message.hpp"

namespace sweepgate::dns {

/// False: malformed, and `answer` is worth nothing.
///   record   of `message`, of that type
///   answers  as many as the message says it has: how much room to make
[[nodiscard]] bool read_rdata(const Message& message, const Record& record, RrType type,
                              std::size_t answers, Answer& answer);

/// Of several, one that is_filtered() is kept, else the first. Without a code it is none.
///   payload  of one option of RFC 8914 section 2; a text that ends in zeros ends before them
void read_extended_error(std::span<const std::uint8_t> payload, std::optional<ExtendedError>& kept);

} // namespace sweepgate::dns
