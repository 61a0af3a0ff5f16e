// SPDX-License-Identifier: Apache-2.0
// The sending side of a hop: the controller's, and the same again in every relay.
//
//   updates  (PUB)     -> every gate : deltas, beacons, probes
//   requests (ROUTER) <-> every gate : snapshots in chunks; acknowledgements, reports, answers
//                     <-> admin      : requests, replies
//
// Endpoints: ipc:// without CURVE (whoever may open the socket file is Role::local, or Role::relay
// at those that are for gates), tcp:// always
// with CURVE and authorized keys only. Whatever a peer sends is bounded and checked; a malformed
// message is counted by reason and dropped. Nothing throws or aborts out of here.
//
// Threads: one for the sockets, on which the on_* handlers below run (keep them short), and three
// for on_admin, which may therefore take its time and may call publish() and probe(), and is called
// by several at once: for a verb that changes something, one that reads, one that reads at length.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controlplane/model/hits.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/wire/admin.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

/// Who sent something. The name is the authorized key's; "local" on ipc://, "box" where only gates
/// are served.
struct Peer {
    Role role = Role::gate;
    std::string name;
    std::string address{}; // "192.0.2.7", or "uid 1000 pid 4711" on ipc://
    std::string key{};     // its fingerprint; empty on ipc://
};

/// A request that the peer's role does not permit, or a key that may not connect.
struct Refusal {
    Peer peer;
    std::string key;    // fingerprint of a key that was refused; the peer has no name then
    std::string verb;   // "push", "connect"
    std::string reason; // as the peer was told it
};

struct Update {
    Generation generation = 0;
    Digest digest{};
    std::string sealed_snapshot; // a sealed snapshot, or a chain (envelope.hpp)
    std::string sealed_delta;    // from the generation before; empty when there is none
};

/// Now: as people say it, and as durations are measured.
struct Moment {
    std::chrono::system_clock::time_point wall = std::chrono::system_clock::now();
    std::chrono::steady_clock::time_point steady = std::chrono::steady_clock::now();

    friend Moment operator+(const Moment& moment, std::chrono::milliseconds later) {
        return {moment.wall + later, moment.steady + later};
    }
};

/// What is known of one gate: of one program that speaks under its name.
struct PeerState {
    std::string gate;
    GateKind kind = GateKind::nftables;
    std::string via; // Peer::name that spoke for it last
    std::chrono::system_clock::time_point last_seen;
    std::optional<Acknowledgement> acknowledgement; // the newest
    std::optional<GateReport> report;               // the newest
    bool reported_last = false;                     // of the two, it came later
    std::string instance;                           // as Speaker has them
    std::string version;
    std::chrono::steady_clock::time_point began; // its first message here
    std::chrono::steady_clock::time_point heard; // its last one
    /// Its clock less ours when the last message came; nothing from a gate that does not tell.
    std::optional<std::chrono::milliseconds> clock_offset;
    bool doubled = false;    // another program spoke under the same name beside it
    bool remembered = false; // not heard since this publisher started: `heard` is not set
};

/// Of a Speaker::instance, the part that stays in the state folder.
[[nodiscard]] std::string_view kept_part(std::string_view instance);

/// How long an admin verb takes that changes nothing: none waits for one that takes longer.
enum class Effort : std::uint8_t {
    quick,   // what is at hand
    lengthy, // computed from it, or asked of gates
};

struct PublisherOptions {
    std::vector<std::string>
        updates; // "ipc:///run/sweepgate/controller/updates", "tcp://0.0.0.0:7401"
    std::vector<std::string>
        requests; // "ipc:///run/sweepgate/controller/requests", "tcp://0.0.0.0:7402"
    std::optional<CurveKeys> curve;              // required by tcp://
    AuthorizedKeys authorized;                   // for tcp://
    std::map<std::string, Effort> reading_verbs; // that change nothing: Role::viewer may use them
    std::chrono::milliseconds beacon_every{2000};
    /// The same for the gates of this box: ipc:// only, and whoever opens them is Role::relay.
    std::vector<std::string> gate_updates{};  // "ipc:///run/sweepgate/upstream/updates"
    std::vector<std::string> gate_requests{}; // "ipc:///run/sweepgate/upstream/requests"

    /// Fills `curve` and `authorized` from their files; `copy` as in AuthorizedKeys::load().
    Status load_curve(const std::filesystem::path& key,
                      const std::filesystem::path& authorized_keys,
                      const std::filesystem::path& copy = {});
};

/// Each may be empty. They must not throw; if one does, it is counted ("handler_threw").
struct PublisherHandlers {
    std::function<void(const Peer&, const Acknowledgement&)> on_acknowledgement;
    std::function<void(const Peer&, const GateReport&)> on_report;
    /// Every answer to a probe, also those probe() is waiting for. A relay forwards it.
    std::function<void(const Peer&, const Address&, const ProbeAnswer&)> on_probe_answer;
    /// The same of the question with this id, for ask_top().
    std::function<void(const Peer&, std::uint64_t id, const TopAnswer&)> on_top_answer;
    std::function<void(const Peer&, const HitEvents&)> on_events;
    /// Not bounded in rate: whoever writes it down sees to that.
    std::function<void(const Refusal&)> on_refused;
    std::function<AdminReply(const Peer&, const AdminRequest&)> on_admin;
};

class Publisher {
public:
    /// Binds everything or fails. Errors: bad_input (endpoint, key missing), io (address in use).
    static Result<std::unique_ptr<Publisher>> start(PublisherOptions options,
                                                    PublisherHandlers handlers);
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;
    ~Publisher(); // stops the threads

    /// Hands over the newest state; returns at once. Delta and beacon leave right away.
    void publish(Update update);

    /// Which keys may sign what follows (trust_list.hpp). Leaves right away, and every beacon says
    /// which version there is.
    void publish_trust(std::string list, std::uint64_t version);
    /// From now on beacons carry what this key says of them (beacon_proof.hpp): the controller's.
    void sign_beacons(SigningKey key);
    /// They carry what the controller said: a relay's.
    void pass_proof(std::string proof);

    /// Asks every gate what it would do with one address, and returns at `wait` or as soon as each
    /// gate seen within the last 10 s has answered. Errors: unavailable when stopping.
    Result<std::vector<ProbeAnswer>> probe(const Address& address, std::chrono::milliseconds wait);
    /// The same without waiting; answers come to on_probe_answer.
    void ask_probe(const Address& address);
    /// Asks every gate whom it hit most; waits as probe() does, and has its errors.
    Result<std::vector<TopAnswer>> top(const TopQuery& query, std::chrono::milliseconds wait);
    /// The same without waiting, for a relay; answers come to on_top_answer.
    void ask_top(std::uint64_t id, const TopQuery& query);
    /// Every gate reports now instead of at its next turn.
    void ask_reports();

    /// Replaces the allow-list. When a key is gone the tcp:// endpoints are bound anew, so that
    /// its holder is out at once; everybody else reconnects.
    void authorize(AuthorizedKeys keys);

    /// Every gate ever heard, until it is forgotten; see PeerTable for two of one name.
    [[nodiscard]] std::vector<PeerState> peers() const;
    /// Gates known from before this publisher started.
    void remember(std::vector<PeerState> states);
    /// False when there is none of that name.
    bool forget(const std::string& gate);
    /// Refusals by reason and traffic by kind, e.g. "malformed", "role_denied", "acknowledgements".
    [[nodiscard]] std::map<std::string, std::uint64_t> counters() const;
    /// As bound: "tcp://127.0.0.1:*" comes back with its port. ipc:// before tcp://.
    [[nodiscard]] std::vector<std::string> update_endpoints() const;
    [[nodiscard]] std::vector<std::string> request_endpoints() const;

private:
    class Loop;
    explicit Publisher(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

} // namespace sweepgate::wire
