// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/peer_table.hpp"

namespace sweepgate::wire {

PeerState* PeerTable::place(const Peer& peer, const std::string& gate, GateKind kind) {
    auto found = gates_.find(gate);
    if (found == gates_.end()) {
        if (gates_.size() >= kMaxGates) return nullptr;
        found = gates_.emplace(gate, PeerState{}).first;
        found->second.gate = gate;
    }
    found->second.kind = kind;
    found->second.via = peer.name;
    found->second.last_seen = std::chrono::system_clock::now();
    return &found->second;
}

bool PeerTable::note(const Peer& peer, const Acknowledgement& acknowledgement) {
    const std::lock_guard lock(mutex_);
    auto* state = place(peer, acknowledgement.gate, acknowledgement.kind);
    if (state != nullptr) state->acknowledgement = acknowledgement;
    return state != nullptr;
}

bool PeerTable::note(const Peer& peer, const GateReport& report) {
    const std::lock_guard lock(mutex_);
    auto* state = place(peer, report.gate, report.kind);
    if (state != nullptr) state->report = report;
    return state != nullptr;
}

std::vector<PeerState> PeerTable::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<PeerState> states;
    for (const auto& [name, state] : gates_) states.push_back(state);
    return states;
}

std::size_t PeerTable::size() const {
    const std::lock_guard lock(mutex_);
    return gates_.size();
}

std::set<std::string> PeerTable::heard_within(std::chrono::seconds window) const {
    const auto since = std::chrono::system_clock::now() - window;
    const std::lock_guard lock(mutex_);
    std::set<std::string> names;
    for (const auto& [name, state] : gates_)
        if (state.last_seen >= since) names.insert(name);
    return names;
}

} // namespace sweepgate::wire
