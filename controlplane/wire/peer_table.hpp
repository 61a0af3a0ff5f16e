// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the newest that each gate said, bounded, readable by any thread.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxGates = 16'384;

class PeerTable {
public:
    /// False when the table is full of other gates.
    bool note(const Peer& peer, const Acknowledgement& acknowledgement);
    bool note(const Peer& peer, const GateReport& report);

    [[nodiscard]] std::vector<PeerState> all() const;
    [[nodiscard]] std::size_t size() const;
    /// Names of the gates heard within the last `window`.
    [[nodiscard]] std::set<std::string> heard_within(std::chrono::seconds window) const;

private:
    PeerState* place(const Peer& peer, const std::string& gate, GateKind kind);
    mutable std::mutex mutex_;
    std::map<std::string, PeerState> gates_;
};

} // namespace sweepgate::wire
