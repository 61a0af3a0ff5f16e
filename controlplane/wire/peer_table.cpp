// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/peer_table.hpp"

#include <algorithm>

namespace sweepgate::wire {

namespace {

std::size_t share_of(Role role) {
    if (role == Role::gate) return kMaxNamesPerGate;
    return role == Role::relay ? kMaxNamesPerRelay : kMaxGates;
}

bool is_replaceable(const std::vector<PeerState>& boxes, Moment now) {
    return std::ranges::all_of(boxes, [&](const PeerState& box) {
        return box.remembered ? now.wall - box.last_seen >= kReplaceableAfter
                              : now.steady - box.heard >= kReplaceableAfter;
    });
}

/// The next one took its place, and it has not been heard since. Of another box the next word may
/// still be on its way.
bool is_over(const PeerState& box, const PeerState& next, Moment now) {
    const bool same_folder = kept_part(box.instance) == kept_part(next.instance);
    if (!same_folder && (box.doubled || now.steady - box.heard <= kMissedWord)) return false;
    const bool handed_over = now.steady - next.began > kHandOver;
    return handed_over && box.heard <= next.began + kHandOver;
}

void add_box(std::vector<PeerState>& boxes, const Speaker& speaker, Moment now) {
    if (boxes.size() >= kMaxBoxesPerName)
        boxes.erase(std::ranges::min_element(boxes, {}, &PeerState::heard));
    auto& box = boxes.emplace_back();
    box.instance = speaker.instance;
    box.began = now.steady;
}

/// Drops what a restart left behind and marks those that speak beside each other.
PeerState& settle(std::vector<PeerState>& boxes, const Speaker& speaker, Moment now) {
    if (std::ranges::find(boxes, speaker.instance, &PeerState::instance) == boxes.end())
        add_box(boxes, speaker, now);
    auto spoke = std::ranges::find(boxes, speaker.instance, &PeerState::instance);
    for (auto next = spoke + 1; next != boxes.end(); ++next)
        if (now.steady - next->began > kHandOver) spoke->doubled = next->doubled = true;
    spoke->heard = now.steady;
    spoke->last_seen = now.wall;
    spoke->remembered = false;
    for (std::size_t i = 0; i + 1 < boxes.size();)
        if (std::any_of(boxes.begin() + static_cast<std::ptrdiff_t>(i) + 1, boxes.end(),
                        [&](const auto& next) { return is_over(boxes[i], next, now); }))
            boxes.erase(boxes.begin() + static_cast<std::ptrdiff_t>(i));
        else
            ++i;
    return *std::ranges::find(boxes, speaker.instance, &PeerState::instance);
}

std::optional<std::chrono::milliseconds> offset_of(const Speaker& speaker, Moment now) {
    constexpr std::uint64_t kMostMs = 253'402'300'800'000; // the year 10000
    if (speaker.clock_ms == 0 || speaker.clock_ms > kMostMs) return std::nullopt;
    const std::chrono::milliseconds theirs(speaker.clock_ms);
    return theirs -
           std::chrono::duration_cast<std::chrono::milliseconds>(now.wall.time_since_epoch());
}

} // namespace

std::string_view kept_part(std::string_view instance) {
    return instance.substr(0, instance.find('-'));
}

bool PeerTable::has_share(const Peer& peer) const {
    const auto claimed = names_.find({peer.role, peer.name});
    return claimed == names_.end() || claimed->second < share_of(peer.role);
}

void PeerTable::erase(Entries::iterator entry) {
    const auto& speaker = entry->second.speaker;
    const auto claimed = names_.find({speaker.role, speaker.name});
    if (--claimed->second == 0) names_.erase(claimed);
    gates_.erase(entry);
}

bool PeerTable::make_room(const Peer& peer, bool is_new, Moment now) {
    const bool full = is_new && gates_.size() >= kMaxGates;
    if (has_share(peer) && !full) return true;
    // The longest silent one: of this key when its share is used up, else of all.
    auto oldest = gates_.end();
    for (auto entry = gates_.begin(); entry != gates_.end(); ++entry) {
        const auto& speaker = entry->second.speaker;
        const bool counts = full || (speaker.role == peer.role && speaker.name == peer.name);
        if (!counts || !is_replaceable(entry->second.boxes, now)) continue;
        if (oldest == gates_.end() ||
            entry->second.boxes.back().last_seen < oldest->second.boxes.back().last_seen)
            oldest = entry;
    }
    if (oldest == gates_.end()) return false;
    erase(oldest);
    return has_share(peer);
}

PeerTable::Entry* PeerTable::entry_of(const Peer& peer, const std::string& gate, Moment now) {
    const auto found = gates_.find(gate);
    const bool is_new = found == gates_.end();
    if (!is_new && found->second.speaker.role == peer.role &&
        found->second.speaker.name == peer.name)
        return &found->second;
    if (!make_room(peer, is_new, now)) return nullptr;
    auto& entry = gates_[gate]; // anew: room may have been made by forgetting this very one
    if (!entry.boxes.empty()) {
        const auto before = names_.find({entry.speaker.role, entry.speaker.name});
        if (--before->second == 0) names_.erase(before);
    }
    ++names_[{peer.role, peer.name}];
    entry.speaker = peer;
    return &entry;
}

PeerState* PeerTable::place(const Peer& peer, const std::string& gate, GateKind kind,
                            const Speaker& speaker, Moment now) {
    auto* entry = entry_of(peer, gate, now);
    if (entry == nullptr) return nullptr;
    auto& state = settle(entry->boxes, speaker, now);
    state.gate = gate;
    state.kind = kind;
    state.via = peer.name;
    state.version = speaker.version;
    state.clock_offset = offset_of(speaker, now);
    return &state;
}

bool PeerTable::note(const Peer& peer, const Acknowledgement& acknowledgement, Moment now) {
    const std::lock_guard lock(mutex_);
    auto* state =
        place(peer, acknowledgement.gate, acknowledgement.kind, acknowledgement.speaker, now);
    if (state == nullptr) return false;
    state->acknowledgement = acknowledgement;
    state->reported_last = false;
    return true;
}

bool PeerTable::note(const Peer& peer, const GateReport& report, Moment now) {
    const std::lock_guard lock(mutex_);
    auto* state = place(peer, report.gate, report.kind, report.speaker, now);
    if (state == nullptr) return false;
    state->report = report;
    state->reported_last = true;
    return true;
}

void PeerTable::remember(std::vector<PeerState> states) {
    const std::lock_guard lock(mutex_);
    for (auto& state : states) {
        auto found = gates_.find(state.gate);
        if (found == gates_.end()) {
            if (gates_.size() >= kMaxGates) return;
            found = gates_.emplace(state.gate, Entry{{Role::local, "local"}, {}}).first;
            ++names_[{Role::local, "local"}];
        }
        auto& boxes = found->second.boxes;
        const bool spoke =
            std::ranges::any_of(boxes, [](const PeerState& box) { return !box.remembered; });
        if (spoke || boxes.size() >= kMaxBoxesPerName) continue;
        state.remembered = true;
        boxes.push_back(std::move(state));
    }
}

bool PeerTable::forget(const std::string& gate) {
    const std::lock_guard lock(mutex_);
    const auto found = gates_.find(gate);
    if (found == gates_.end()) return false;
    erase(found);
    return true;
}

std::vector<PeerState> PeerTable::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<PeerState> states;
    for (const auto& [name, entry] : gates_)
        for (const auto& box : entry.boxes)
            // The last one is who speaks now; those before it count when they were a box beside it.
            if (&box == &entry.boxes.back() || box.doubled) states.push_back(box);
    return states;
}

std::size_t PeerTable::size() const {
    const std::lock_guard lock(mutex_);
    return gates_.size();
}

std::set<std::string> PeerTable::heard_within(std::chrono::seconds window) const {
    const auto since = std::chrono::steady_clock::now() - window;
    const std::lock_guard lock(mutex_);
    std::set<std::string> names;
    for (const auto& [name, entry] : gates_)
        if (std::ranges::any_of(entry.boxes, [&](const auto& box) {
                return !box.remembered && box.heard >= since;
            }))
            names.insert(name);
    return names;
}

} // namespace sweepgate::wire
