// SPDX-License-Identifier: Apache-2.0
// How a careful user of raw c-ares reads an answer: question compared, chain followed by owner in
// any order, only addresses of its end, the lowest TTL on the way; everything as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sweepgate::test {

struct RawAnswer {
    unsigned rcode = 0;
    std::uint32_t ttl = ~0U; // s; ~0: of no record
    std::vector<std::string> chain;
    std::vector<std::string> addresses;
};

/// Type A. False: not an answer to `name`.
[[nodiscard]] bool read_raw(std::span<const std::uint8_t> packet, const std::string& name,
                            RawAnswer& answer);

} // namespace sweepgate::test
