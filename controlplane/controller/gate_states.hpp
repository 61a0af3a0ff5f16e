// SPDX-License-Identifier: Apache-2.0
// What a gate's state is called, from what it said and when. "current" is a claim: alive, the same
// content as ours, saved, its clock right, nothing passing it by. Whatever else has its own word.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::controller {

enum class GateState : std::uint8_t {
    current,
    silent,   // no word for three reports
    doubled,  // "double": two programs speak under its name
    ahead,    // holds a generation newer than ours: we were restored, or another one publishes
    differs,  // our number, another content
    refuses,  // does not take what we have
    behind,   // older than ours
    bypassed, // traffic of its box passes it by
    stalled,  // its packets stand still
    clock,    // its clock is off: schedules and expiry go by it
    expired,  // enforces a snapshot past its time
    unsaved,  // enforced, and lost with the power
};

/// "silent", "double", ...: a key of the admin interface.
[[nodiscard]] std::string_view to_string(GateState state);

struct GateBounds {
    std::chrono::milliseconds silent_after{7000}; // three reports of 2 s, and one for the way
    std::chrono::seconds clock_skew{30};
};

/// What is published now; generation 0: nothing.
struct Published {
    Generation generation = 0;
    Digest digest{};
    std::uint64_t trust_version = 0; // of the list of signing keys; 0: there is none
};

struct GateFault {
    GateState state = GateState::current;
    std::string text; // "silent 23 s", "clock +5 h", "refuses: REASON"
};

struct GateRow {
    wire::PeerState said;
    Generation generation = 0; // in force there, as far as known
    Digest digest{};
    std::chrono::milliseconds age{0};
    std::vector<GateFault> faults; // the most telling first; none: current

    [[nodiscard]] GateState state() const {
        return faults.empty() ? GateState::current : faults.front().state;
    }
    [[nodiscard]] std::string text() const; // of all of them
    /// Why it does not take what is published; empty: it does.
    [[nodiscard]] std::string refusal() const;
    /// That, or why what it enforces is not saved.
    [[nodiscard]] std::string error() const;
};

[[nodiscard]] std::vector<GateRow> judge_gates(std::vector<wire::PeerState> said,
                                               const Published& ours, const GateBounds& bounds,
                                               const wire::Moment& now = {});

/// "23 s", "12 min", "5 h", "3 d", "20 y": the largest unit of which there are at least two, and
/// hours, days and years from one on.
[[nodiscard]] std::string spoken(std::chrono::seconds duration);

[[nodiscard]] nlohmann::json to_json(const GateRow& row);

} // namespace sweepgate::controller
