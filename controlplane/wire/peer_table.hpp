// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the newest that each gate said, bounded, readable by any thread.
// Bounds: gates in all, names that one key may claim, and how long a silent gate is remembered.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxGates = 16'384;
inline constexpr std::size_t kMaxNamesPerGate = 8;      // of a key with Role::gate
inline constexpr std::size_t kMaxNamesPerRelay = 4'096; // of a key with Role::relay
inline constexpr std::chrono::hours kForgottenAfter{1}; // since the gate was last heard

class PeerTable {
public:
    using Instant = std::chrono::system_clock::time_point;

    /// False when the table is full of other gates or the key has claimed its share of names.
    bool note(const Peer& peer, const Acknowledgement& acknowledgement, Instant now = clock());
    bool note(const Peer& peer, const GateReport& report, Instant now = clock());

    /// Without those forgotten by `now`.
    [[nodiscard]] std::vector<PeerState> all(Instant now = clock()) const;
    [[nodiscard]] std::size_t size() const;
    /// Names of the gates heard within the last `window`.
    [[nodiscard]] std::set<std::string> heard_within(std::chrono::seconds window) const;

private:
    struct Entry {
        PeerState state;
        Peer speaker; // whose share of names it counts against
    };
    static Instant clock() { return std::chrono::system_clock::now(); }
    [[nodiscard]] bool has_share(const Peer& peer) const;
    PeerState* place(const Peer& peer, const std::string& gate, GateKind kind, Instant now);
    void forget(Instant now);

    mutable std::mutex mutex_;
    std::map<std::string, Entry> gates_;
    std::map<std::pair<Role, std::string>, std::size_t> names_; // claimed, by speaker
    Instant forgot_{};                                          // when forget() last ran
};

} // namespace sweepgate::wire
