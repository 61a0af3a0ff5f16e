// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the replica's socket thread and what it owns.
#pragma once

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "controlplane/wire/beacon_proof.hpp"
#include "controlplane/wire/counters.hpp"
#include "controlplane/wire/fetcher.hpp"
#include "controlplane/wire/holding.hpp"
#include "controlplane/wire/last_good.hpp"
#include "controlplane/wire/replica.hpp"
#include "controlplane/wire/wakeup.hpp"

namespace sweepgate::wire {

class Replica::Loop {
public:
    Loop(ReplicaOptions options, ReplicaHandlers handlers);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    Status open();
    /// Last good, before anything connects.
    void restore();
    Status connect();

    [[nodiscard]] ReplicaState state() const;
    [[nodiscard]] std::string sealed() const;
    [[nodiscard]] std::string trust_list() const;
    void report_now();
    /// Says which gate these are from.
    void name(HitEvents& events) const;
    /// Of one key only the newest waits for the socket thread.
    void forward(const std::string& key, proto::Request request);

private:
    using Clock = std::chrono::steady_clock;
    /// Since 1970, by this box's clock.
    static std::chrono::milliseconds clock_now() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch());
    }
    struct Refused { // by the gate, for now: given to it again
        Candidate candidate;
        Clock::time_point received;
        std::chrono::milliseconds wait;
        Clock::time_point due;
    };

    struct Upstream { // what a beacon says of the publisher
        std::uint64_t epoch = 0;
        Generation generation = 0;
        Digest digest{};
        friend bool operator==(const Upstream&, const Upstream&) = default;
    };

    void restore_last_good();
    Status open_sockets();
    void reopen();
    void run();
    void turn();
    [[nodiscard]] std::chrono::milliseconds until_next() const;

    void hear(const Received& received);
    void on_beacon(const proto::Beacon& beacon);
    /// Fetches within `spread` what upstream_ has and we have not; says what keeps us from it.
    void follow_upstream(std::chrono::milliseconds spread);
    /// What the controller itself says, as upstream hands it on.
    void on_proof(const std::string& bytes);
    void on_trust(const std::string& list);
    bool ask_for_trust();
    /// Other keys, or another epoch, from now on.
    void adopt_trust();
    /// What only time shows: a file of keys that changed, an upstream that stands still.
    void look_around();
    void tell_trust_faults();
    void on_delta(const std::string& sealed, Clock::time_point received);
    void on_probe(const std::string& address_bytes);
    void on_top(const proto::TopQuery& message);
    void on_reply(const Received& received);
    void on_chunk(const proto::Chunk& chunk);
    void on_chain(std::string chain);

    /// Saves it and gives it to the gate; on success it is held and acknowledged, else the file is
    /// what it was.
    void enforce(Candidate candidate, Clock::time_point received);
    /// Keeps it for the gate: after 1 s, then twice as long each time, at most 30 s.
    void postpone(Candidate candidate, Clock::time_point received, const Error& error);
    void try_again();
    Status call_gate(const Candidate& candidate);
    Result<Candidate> open_what_is_left(const std::string& stored);
    /// What was in force before a candidate that the gate does not take: for a start.
    Result<Candidate> open_before(const Candidate& candidate);
    void hold(Candidate candidate);
    /// Saves what is held. Tried again after 1 s, then after twice as long each time, at most 30 s.
    void store();
    void note_saved(const Status& saved, Generation generation);
    void refuse(const Error& error);
    /// What keeps us from what upstream has; "" when nothing does. Told when it is another one.
    void set_refusal(const Error& error);
    void clear_refusal();
    [[nodiscard]] Speaker speaker() const;

    void fetch_within(std::chrono::milliseconds spread);
    void fetch();
    void retry_fetch();
    void compact();
    void report();
    void acknowledge(const Candidate& candidate, const std::string& error, Clock::duration took);
    void send_acknowledgement();
    bool send(const proto::Request& request);
    [[nodiscard]] bool expired(const Candidate& candidate) const;
    std::chrono::milliseconds random_up_to(std::chrono::milliseconds most);

    ReplicaOptions options_;
    ReplicaHandlers handlers_;
    Counters counters_;
    Wakeup wakeup_;
    zmq::context_t context_;
    std::optional<Socket> updates_;
    std::optional<Socket> requests_;
    Fetcher fetcher_;
    std::mt19937 random_;

    mutable std::mutex mutex_; // guards holding_, trust_ and the nine below for readers
    Holding holding_;
    Trust trust_;
    Generation upstream_generation_ = 0;
    Clock::time_point last_beacon_{};
    bool heard_ = false;

    Saved saved_ = Saved::keeps_nothing;
    Generation saved_generation_ = 0;
    std::string save_fault_;
    std::string refusal_;
    std::string standstill_; // said in its place while there is no refusal
    std::optional<std::chrono::milliseconds> clock_offset_; // ours less upstream's

    std::string instance_;
    Upstream upstream_;
    Freshness freshness_{Clock::now()};
    std::optional<Clock::time_point> withheld_since_; // the controller has more than upstream gives
    Clock::time_point look_due_{};
    std::vector<std::string> trust_faults_; // as told
    std::string trust_refusal_;             // of the list that upstream has
    std::uint64_t trust_asked_ = 0;         // version that was asked for
    Clock::time_point trust_asked_at_{};
    bool trust_asked_first_ = false;   // on this connection, ahead of any snapshot
    std::optional<Upstream> unusable_; // what was fetched from it led nowhere
    LastGood last_good_;
    std::chrono::milliseconds store_wait_{0};
    std::optional<Clock::time_point> store_due_;
    std::optional<Refused> refused_;
    Generation compacted_ = 0; // generation at which compaction was last tried
    std::optional<Clock::time_point> fetch_due_;
    Clock::time_point fetch_progress_{};
    std::chrono::milliseconds fetch_backoff_{0};
    bool fetch_whole_ = false;
    Clock::time_point next_report_{};
    Clock::time_point reopen_due_{};
    std::optional<Acknowledgement> unsent_acknowledgement_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace sweepgate::wire
