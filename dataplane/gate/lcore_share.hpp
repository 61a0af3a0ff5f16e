// SPDX-License-Identifier: Apache-2.0
// Which lcore serves which pair, and which queue. Pure, and the laws are tested: each receive
// queue has exactly one lcore, so a flow, which the NIC keeps on one queue, keeps its order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sweepgate::gate {

/// NUMA node; -1 when the machine does not say.
using Socket = int;

struct LcorePlace {
    unsigned lcore = 0;
    Socket socket = -1;
};

/// What a pair of ports can use.
struct PairPlace {
    unsigned most_lcores = 1; // each needs a transmit queue of its own on both ports
    Socket socket = -1;
};

/// The lcores of each pair, as indexes into `lcores`.
///   lcores >= pairs   each lcore serves one pair at most; the pairs get equal numbers, give or
///                     take one, as far as they can use them; those on the pair's socket first
///   lcores < pairs    each pair gets one, in turn
///   returns           none is empty; an index that appears nowhere is an lcore without work
/// Neither list may be empty.
[[nodiscard]] std::vector<std::vector<unsigned>> share_lcores(std::span<const LcorePlace> lcores,
                                                              std::span<const PairPlace> pairs);

/// One receive queue of a port and the transmit queue, on both ports, of the lcore that serves it.
struct QueueDuty {
    std::uint16_t rx_queue = 0;
    std::uint16_t tx_queue = 0;
};

/// What lcore number `slot` of the `lcores` of a pair polls on a port of `rx_queues` queues.
[[nodiscard]] std::vector<QueueDuty> queue_duties(unsigned slot, unsigned lcores,
                                                  unsigned rx_queues);

/// One copy of the tables for each socket that forwards.
struct Copies {
    std::vector<Socket> sockets;   // of each copy
    std::vector<unsigned> copy_of; // by index of lcore
};
[[nodiscard]] Copies copies_for(std::span<const LcorePlace> lcores);

} // namespace sweepgate::gate
