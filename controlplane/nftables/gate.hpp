// SPDX-License-Identifier: Apache-2.0
// The nftables gate: enforces a snapshot in an own table of the kernel.
//
// Generation N is built beside N-1 as chains and maps that nothing refers to yet (batch 1); then
// the jump rules of the base chains are replaced in one further batch (batch 2). A set that is
// born in the same batch as its rule is empty for as long as the commit takes, and packets leak
// through it; this way none does. Then N-1 is deleted: what is loaded is what is enforced.
//
// The verdicts are those of controlplane/model/judge.hpp, in forward and, for the box itself, in
// input and output. Two things are outside the reference there: loopback and neighbour discovery
// are not judged, and the box's own refusals (TCP resets, ICMP unreachables) may leave.
//
// What a bridge of the box switches comes by no hook of IP (unless br_netfilter calls them). As
// long as there is a bridge, a second table of the same name in the kernel's bridge family judges
// it by the same rules; only that nobody answers there: what is rejected is dropped.
//
// State is read from the kernel, never from memory: another process may have flushed the table.
// Not for threads: one Gate belongs to one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/report.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/model/timetable.hpp"
#include "controlplane/nftables/names.hpp"
#include "controlplane/nftables/paths.hpp"

namespace sweepgate::nftables {

/// One batch travels as one datagram through kernel memory; a bigger policy is refused by name.
inline constexpr std::size_t kMaxBatchBytes = std::size_t{64} << 20U;

struct GateOptions {
    std::string table = "sweepgate";
    int priority = -10; // before the usual filter chains (0): an accept there cannot undo a drop
    bool output = true; // judge the box's own traffic too (input and output)
    std::vector<Prefix> management; // never judged: own DNS, controller, management; may overlap
    /// Of the table for bridges, set by the gate itself.
    Layer layer = Layer::network;
    bool tagged_only = false; // untagged frames come by the other table already
    std::function<CivilTimes()> civil_times = civil_times_now; // the clock schedules go by
};

struct Applied {
    Generation generation = 0;
    ScheduleSet schedules = 0;   // in force when it was built: its actions are theirs
    std::uint64_t build_us = 0;  // compile, load beside the old one, check; nothing enforced yet
    std::uint64_t switch_us = 0; // the batch that replaces the jump rules; both 0 for a no-op
};

struct Installed {
    Generation generation = 0;
    Digest digest{};           // of the snapshot as published, whatever schedules are in force
    ScheduleSet schedules = 0; // those it was built with
};

class Gate {
public:
    /// Works in the network namespace of the calling thread; needs CAP_NET_ADMIN there.
    /// Errors: bad_input for options, unavailable when the kernel has no nftables.
    [[nodiscard]] static Result<Gate> open(GateOptions options);

    Gate(Gate&&) noexcept;
    Gate& operator=(Gate&&) noexcept;
    ~Gate(); // leaves the kernel as it is

    /// Build, check, switch, read back, delete all others. What is already in force with
    /// the same digest, options and schedules is a no-op: call it again when schedules_now() gives
    /// others. On any error the old generation stays in force.
    /// Errors: refused (batch too big), conflict (this generation is in force with another digest,
    /// or somebody keeps changing the table), io (the kernel's words, naming the element).
    [[nodiscard]] Result<Applied> apply(const Snapshot& snapshot);

    /// The same, but what is in force is built again even when its receipt is right: elements or
    /// rules inside it may have been changed by somebody. No packet passes unjudged meanwhile.
    [[nodiscard]] Result<Applied> rebuild(const Snapshot& snapshot);

    /// By the clock of the options.
    [[nodiscard]] ScheduleSet schedules_now(const Ruleset& rules) const;

    /// Nothing when no generation is wholly in force (after `nft flush ruleset`, a dormant table,
    /// a foreign rule in a base chain): apply again then.
    [[nodiscard]] Result<std::optional<Installed>> installed();

    /// Systems with a counter other than zero, by id. Counters live in the table and survive
    /// generations and restarts, not remove().
    [[nodiscard]] Result<std::vector<SystemCounter>> counters();

    /// What the kernel's own maps say of one address. The names of the systems come from the last
    /// snapshot given to apply(), also to a no-op one; without it `error` says so.
    [[nodiscard]] Result<ProbeAnswer> probe(const Address& address);

    /// Looks which ways lead through the box. True when the bridge table is to come, to go or to
    /// change: apply() again then.
    [[nodiscard]] bool paths_changed();
    /// Ways past all our rules, a sentence each, as of the last look.
    [[nodiscard]] std::vector<std::string> bypasses() const;

    /// Deletes the own tables with everything in them; no error when there is none.
    [[nodiscard]] Status remove();

private:
    class State;
    Gate(std::unique_ptr<State> network, std::unique_ptr<State> bridge, PathReader reader);
    [[nodiscard]] Result<Applied> apply(const Snapshot& snapshot, bool again);

    std::unique_ptr<State> state_;
    std::unique_ptr<State> bridge_;
    std::unique_ptr<PathReader> reader_;
    Paths paths_;
    BridgeDuty bridge_duty_ = BridgeDuty::none; // of the bridge table as it was last applied
    std::string bridge_fault_;                  // why there is none although it is wanted
    std::chrono::steady_clock::time_point bridge_again_{}; // then it is tried again
};

} // namespace sweepgate::nftables
