// SPDX-License-Identifier: Apache-2.0
// One sweep in a process of its own, so that neither its heap nor its CPU time is another's.
#pragma once

#include <functional>

#include "tests/unit/resolver/zone.hpp"

namespace sweepgate::test {

struct Measured {
    double wall_s = 0;
    double cpu_s = 0; // user and system, of the sweeping process alone
    unsigned answers = 0;
    unsigned timeouts = 0;
    unsigned wrong = 0;           // answers that differ from the zone's truth; checked sweeps only
    unsigned long peak_bytes = 0; // allocated at most above the beginning; checked sweeps only
    unsigned long sent = 0;       // packets, where the sweeper says so
};

using OnAnswer = std::function<void(const Answer&)>;
/// Returns the packets sent; 0 where they are not known.
using Sweeping = std::function<unsigned long(const OnAnswer& on_answer)>;

enum class Checks : std::uint8_t {
    none,      // counts only: what is measured is the sweep
    addresses, // outcome and addresses
    all,       // chain and TTL as well
};

[[nodiscard]] Measured measure(const Zone& zone, Checks checks, const Sweeping& sweeping);

} // namespace sweepgate::test
