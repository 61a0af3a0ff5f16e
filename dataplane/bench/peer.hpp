// SPDX-License-Identifier: Apache-2.0
// DPDK's own lookup libraries as filters, all in the same loop as ours.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "dataplane/filter/frame.hpp"

struct rte_mbuf;

namespace sweepgate::bench {

/// Source and destination of each packet in turn, host order; 0 and 0 when it is not plain IPv4.
struct Addresses {
    std::array<std::uint32_t, 2 * filter::kMaxBurst> values;
    /// Where each lies in its packet; of a packet that is not plain, two zeros lie there.
    std::array<const std::uint8_t*, 2 * filter::kMaxBurst> bytes;
};

/// A way to look up a burst.
class Peer {
public:
    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    /// Before it is asked, while no lcore runs: another way to ask the same table may have been at
    /// work in between.
    virtual void prepare() {}
    /// Bit i: packet i is to be dropped. Called by the forwarding lcore alone.
    [[nodiscard]] virtual std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) = 0;
};

struct LoadedPeers {
    std::vector<std::unique_ptr<Peer>> peers; // ways to ask one table
    std::size_t loaded = 0;                   // prefixes
    double load_ms = 0;
    std::string remark; // what the library could not hold
};

/// Makers; EAL runs. Errors: unavailable with the library's words.
[[nodiscard]] Result<LoadedPeers> make_sweepgate(const Snapshot& snapshot);
[[nodiscard]] Result<LoadedPeers> make_fib(const Snapshot& snapshot);
[[nodiscard]] Result<LoadedPeers> make_lpm(const Snapshot& snapshot);
[[nodiscard]] Result<LoadedPeers> make_hash(const Snapshot& snapshot);
[[nodiscard]] Result<LoadedPeers> make_acl(const Snapshot& snapshot);

/// The scalar parse that the libraries share; ours reads with its screens.
void read_addresses(rte_mbuf* const* mbufs, std::size_t count, Addresses& addresses);

} // namespace sweepgate::bench
