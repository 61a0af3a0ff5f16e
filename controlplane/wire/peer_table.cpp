// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/peer_table.hpp"

namespace sweepgate::wire {

namespace {

// Looking for the silent ones at every message would cost more than the message.
constexpr std::chrono::minutes kForgetEvery{1};

std::size_t share_of(Role role) {
    if (role == Role::gate) return kMaxNamesPerGate;
    return role == Role::relay ? kMaxNamesPerRelay : kMaxGates;
}

} // namespace

bool PeerTable::has_share(const Peer& peer) const {
    const auto claimed = names_.find({peer.role, peer.name});
    return claimed == names_.end() || claimed->second < share_of(peer.role);
}

void PeerTable::forget(Instant now) {
    if (now - forgot_ < kForgetEvery && now >= forgot_) return;
    forgot_ = now;
    for (auto entry = gates_.begin(); entry != gates_.end();) {
        if (now - entry->second.state.last_seen < kForgottenAfter) {
            ++entry;
            continue;
        }
        const auto& speaker = entry->second.speaker;
        const auto claimed = names_.find({speaker.role, speaker.name});
        if (--claimed->second == 0) names_.erase(claimed);
        entry = gates_.erase(entry);
    }
}

PeerState* PeerTable::place(const Peer& peer, const std::string& gate, GateKind kind, Instant now) {
    forget(now);
    auto found = gates_.find(gate);
    const bool is_new = found == gates_.end();
    const bool same = !is_new && found->second.speaker.role == peer.role &&
                      found->second.speaker.name == peer.name;
    if (!same) {
        if (!has_share(peer) || (is_new && gates_.size() >= kMaxGates)) return nullptr;
        if (is_new) found = gates_.emplace(gate, Entry{}).first;
        auto& speaker = found->second.speaker;
        if (!is_new) --names_[{speaker.role, speaker.name}];
        ++names_[{peer.role, peer.name}];
        speaker = peer;
    }
    auto& state = found->second.state;
    state.gate = gate;
    state.kind = kind;
    state.via = peer.name;
    state.last_seen = now;
    return &state;
}

bool PeerTable::note(const Peer& peer, const Acknowledgement& acknowledgement, Instant now) {
    const std::lock_guard lock(mutex_);
    auto* state = place(peer, acknowledgement.gate, acknowledgement.kind, now);
    if (state != nullptr) state->acknowledgement = acknowledgement;
    return state != nullptr;
}

bool PeerTable::note(const Peer& peer, const GateReport& report, Instant now) {
    const std::lock_guard lock(mutex_);
    auto* state = place(peer, report.gate, report.kind, now);
    if (state != nullptr) state->report = report;
    return state != nullptr;
}

std::vector<PeerState> PeerTable::all(Instant now) const {
    const std::lock_guard lock(mutex_);
    std::vector<PeerState> states;
    for (const auto& [name, entry] : gates_)
        if (now - entry.state.last_seen < kForgottenAfter) states.push_back(entry.state);
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
    for (const auto& [name, entry] : gates_)
        if (entry.state.last_seen >= since) names.insert(name);
    return names;
}

} // namespace sweepgate::wire
