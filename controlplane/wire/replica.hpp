// SPDX-License-Identifier: Apache-2.0
// The receiving side of a hop: keeps one snapshot equal to the publisher's and hands it to a gate.
//
// Start: last good is read from disk, verified and given to on_snapshot before anything connects.
// Then: subscribe, fetch, apply deltas; a hole or a mismatch leads to a fetch. Forged, older,
// oversize: counted, and the snapshot held before stays. An expired snapshot is enforced and
// reported as expired. The state file is written before on_snapshot, so that no death brings back
// anything older than was enforced, and is what it was when that refuses; the acknowledgement says
// whether it was written.
//
// All handlers run on the replica's own thread (on_snapshot for last good on the caller's, within
// start()). The forward_* methods may be called from any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/hits.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/wire/trust.hpp"

namespace sweepgate::wire {

struct ReplicaOptions {
    std::string updates;              // "ipc:///run/sweepgate/gates/updates"
    std::string requests;             // "ipc:///run/sweepgate/gates/requests"
    std::optional<CurveClient> curve; // required by tcp://
    Trust trust{{}};                  // at least one key
    std::filesystem::path state_file; // empty: nothing is kept
    std::string state_fault;          // why, where something should be: told as not saved
    std::string gate;                 // unique name in the fleet, e.g. "branch7/dpdk"
    GateKind kind = GateKind::nftables;
    std::string version{kVersion}; // as it is told upstream
    std::chrono::milliseconds report_every{2000};
    std::chrono::milliseconds silence_after{
        15000}; // without a beacon: not connected, sockets opened anew
    /// Beacons without a new word of the controller itself for so long: told as a refusal.
    std::chrono::milliseconds fresh_within{30000};
};

struct ReplicaHandlers {
    /// Enforce it. `digest` is the snapshot's, verified; `sealed` is the chain (envelope.hpp) that
    /// the snapshot was opened from: exact bytes for a relay's Publisher::publish. An error keeps
    /// the snapshot held before and is sent upstream as the acknowledgement's error; the same one
    /// is given again after 1 s, then after twice as long each time, at most 30 s, until it is
    /// enforced or a newer one comes. That holds for last good at start too.
    std::function<Status(const Snapshot& snapshot, const Digest& digest, const std::string& sealed)>
        on_snapshot;
    /// gate and kind are filled in by the replica. Empty: probes are not answered.
    std::function<ProbeAnswer(const Address&)> on_probe;
    /// gate and kind are filled in by the replica. Empty: the answer says that nobody is counted.
    std::function<TopAnswer(const TopQuery&)> on_top;
    /// gate, kind, expired and speaker are filled in by the replica. Empty: what is held is
    /// reported, without counters.
    std::function<GateReport()> make_report;
    /// Told when a probe or a report is wanted, for a relay to pass on; each may be empty.
    std::function<void(const Address&)> on_probe_wanted;
    std::function<void()> on_reports_wanted;
    std::function<void(std::uint64_t id, const TopQuery&)> on_top_wanted;
    /// A list of signing keys is in force, for a relay to pass on before what they sign; also the
    /// kept one at start.
    std::function<void(const std::string& list, std::uint64_t version)> on_trust;
    /// What the controller says at a beacon, for a relay to pass on.
    std::function<void(const std::string& proof)> on_proof;
    /// Everything refused and every failed write of the state file, for the log. May be empty.
    std::function<void(const Error&)> on_fault;
};

struct ReplicaState {
    Generation generation = 0; // enforced; 0 = none yet
    Digest digest{};
    bool expired = false;
    bool connected = false;             // a beacon came within silence_after
    Generation upstream_generation = 0; // of the last beacon
    Saved saved = Saved::keeps_nothing;
    Generation saved_generation = 0; // on disk
    std::string save_fault;          // why not, when saved is no
    std::string refusal;             // as in Speaker
    std::uint64_t trust_version = 0; // as in Speaker
    /// Our clock less upstream's, by the last beacon; nothing from one of before 0.2.
    std::optional<std::chrono::milliseconds> clock_offset;
    /// Refusals by reason and traffic by kind: "forged", "older", "gap", "deltas", "fetches" ...
    std::map<std::string, std::uint64_t> counters;
};

class Replica {
public:
    /// A last good that is missing, torn or forged is not an error: it is counted ("bad_state")
    /// and replaced by what upstream has. Errors: bad_input (endpoint, key, no verify key, gate).
    static Result<std::unique_ptr<Replica>> start(ReplicaOptions options, ReplicaHandlers handlers);
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;
    ~Replica(); // stops the thread

    [[nodiscard]] ReplicaState state() const;
    /// The chain held, or nothing: what a relay's publisher serves right after start().
    [[nodiscard]] std::string sealed() const;
    /// The list of signing keys held, or nothing: what it serves ahead of that.
    [[nodiscard]] std::string trust_list() const;
    /// A report leaves now.
    void report_now();

    /// gate and kind are filled in. Lost, and counted as "unsent", while nobody is connected.
    void send_events(HitEvents events);

    // For gates behind this one: passed upstream unchanged.
    void forward_acknowledgement(const Acknowledgement& acknowledgement);
    void forward_report(const GateReport& report);
    void forward_probe_answer(const Address& address, const ProbeAnswer& answer);
    void forward_top_answer(std::uint64_t id, const TopAnswer& answer);
    void forward_events(const HitEvents& events);

private:
    class Loop;
    explicit Replica(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

} // namespace sweepgate::wire
