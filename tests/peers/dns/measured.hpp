// SPDX-License-Identifier: Apache-2.0
// One sweep in a process of its own, so that neither its memory nor its CPU time is another's.
#pragma once

#include <functional>

#include "tests/peers/dns/raw_cares.hpp"
#include "tests/unit/resolver/zone.hpp"

namespace sweepgate::test {

struct Measured {
    double wall_s = 0;
    double cpu_s = 0; // user and system, of the sweeping process alone
    unsigned answers = 0;
    unsigned timeouts = 0;
    bool checked = false;
    unsigned wrong = 0;           // answers that differ from the zone's truth, if checked
    unsigned long peak_bytes = 0; // resident at most above the beginning
    unsigned long sent = 0;       // packets, where the sweeper says so
};

/// Counts answers, and compares them with the zone when told to.
class Observer {
public:
    Observer(Measured& measured, const Zone& zone, bool checks)
        : measured_(measured), zone_(zone), checks_(checks) {}

    void take(const Answer& answer);
    void take(const RawResult& result);
    void count(unsigned answers) { measured_.answers += answers; }
    void count_packets(unsigned long sent) { measured_.sent += sent; }

private:
    void check(const Answer& answer);

    Measured& measured_;
    const Zone& zone_;
    bool checks_;
};

using Sweeping = std::function<void(Observer& observer)>;

/// `checks`: every answer's outcome, chain, addresses and TTL; its CPU time is then no measure.
[[nodiscard]] Measured measure(const Zone& zone, bool checks, const Sweeping& sweeping);

} // namespace sweepgate::test
