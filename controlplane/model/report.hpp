// SPDX-License-Identifier: Apache-2.0
// What a gate says of itself: the receipt for a snapshot, its counters, and its answer to
// "what would you do with this address?".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/judge.hpp"

namespace sweepgate {

enum class GateKind : std::uint8_t { nftables = 1, dpdk = 2 };

[[nodiscard]] std::string_view to_string(GateKind kind);

/// Whether what is enforced would survive a loss of power.
enum class Saved : std::uint8_t {
    untold = 0,        // a gate of before 0.2
    yes = 1,           // on disk
    no = 2,            // not, though it should be: the state folder is full, say
    keeps_nothing = 3, // the gate has no state folder: whoever feeds it keeps it
};

/// What every receipt and report says of the program that sends it. Filled in by the replica.
struct Speaker {
    /// "c0ffee123456-9a8b7c6d": kept in the state folder, and new at each start of the program, so
    /// that two clones of one disk image are two. Empty from a gate of before 0.2.
    std::string instance;
    std::string version;
    std::uint64_t clock_ms = 0; // since 1970 by its own clock, when it was sent; 0: not told
    Saved saved = Saved::untold;
    Generation saved_generation = 0; // on disk
    /// What stands between it and what upstream has, "" when nothing does: "envelope: not signed
    /// by a key we trust", "generation 4 is older than the held 8".
    std::string refusal;
    std::uint64_t trust_version = 0; // of the list of signing keys that it goes by; 0: none
};

/// The receipt for one snapshot. `error` is empty when it is enforced; otherwise the gate still
/// enforces what it held before, and the text names the reason.
struct Acknowledgement {
    std::string gate; // unique name of the gate in the fleet, e.g. "branch7/dpdk"
    GateKind kind = GateKind::nftables;
    Generation generation = 0;
    Digest digest{};
    std::string error;
    std::uint64_t applied_us = 0; // from message received to enforced, microseconds
    Speaker speaker{};
};

struct SystemCounter { // packets since the gate started
    std::string system;
    std::uint64_t dropped = 0;
    std::uint64_t rejected = 0;
    std::uint64_t monitored = 0;
    std::uint64_t limited = 0; // dropped over the system's rate
    std::uint64_t within = 0;  // passed within it
    /// All of them by what the server's port says (hits.hpp: own, evasion, other, none); zero from
    /// a gate that does not tell them apart.
    std::array<std::uint64_t, 4> port_classes{};
};

struct NamedCounter { // "passed", "allowed", "not_ip", "drop_malformed", ...
    std::string name;
    std::uint64_t packets = 0;
};

struct GateReport {
    std::string gate;
    GateKind kind = GateKind::nftables;
    Generation generation = 0; // in force, read back from where it is enforced
    Digest digest{};
    bool expired = false; // the snapshot's expires_at has passed: enforced still, alarm
    std::vector<SystemCounter> systems; // only systems with a non-zero counter
    std::vector<NamedCounter> counters;
    std::vector<std::string> schedules; // names of those in force, in the snapshot's order
    Speaker speaker{};
    /// What an administrator should know of the box, one fact each: traffic that passes the gate by
    /// begins with kBypassWarning, and such a gate is not "current"; what somebody has to mend
    /// begins with kFaultWarning, and is an alarm.
    std::vector<std::string> warnings{};
};

/// "bypass: br0 forwards frames that the inet table never sees".
inline constexpr std::string_view kBypassWarning = "bypass: ";
[[nodiscard]] inline bool is_bypass(std::string_view warning) {
    return warning.starts_with(kBypassWarning);
}

/// "never judged: 10.1.0.0/24": of a network that the box itself leaves alone.
inline constexpr std::string_view kUnjudgedWarning = "never judged: ";

/// "stalled: an lcore has stopped": packets stand still, and such a gate is not "current".
inline constexpr std::string_view kStalledWarning = "stalled: ";

/// "fault: verify key: ...: is empty; the keys that were read last stay".
inline constexpr std::string_view kFaultWarning = "fault: ";

/// What the gate's own table says of one address for a client in no group, on no particular port.
struct ProbeAnswer {
    std::string gate;
    GateKind kind = GateKind::nftables;
    Generation generation = 0;
    bool listed = false;
    bool allowed = false;
    Scope scope = Scope::exclusive;   // meaningful when listed
    std::vector<std::string> systems; // ids, when listed
    Action action = Action::pass;     // most severe over the systems, ports aside
    std::string error;                // empty, or why the gate could not look
};

} // namespace sweepgate
