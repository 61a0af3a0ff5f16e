// SPDX-License-Identifier: Apache-2.0
// What the data of one record adds to an answer. RFC 1035 section 3.4 (A), RFC 3596 (AAAA),
// RFC 2782 (SRV), RFC 1035 section 3.3.12 (PTR), RFC 9460 (HTTPS).
#pragma once

#include <cstddef>

#include "resolver/answer.hpp"
#include "resolver/message.hpp"

namespace sweepgate::dns {

/// False: malformed, and `answer` is worth nothing.
///   record   of `message`, of that type
///   answers  as many as the message says it has: how much room to make
[[nodiscard]] bool read_rdata(const Message& message, const Record& record, RrType type,
                              std::size_t answers, Answer& answer);

} // namespace sweepgate::dns
