// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the publisher's socket thread and what it owns.
#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <thread>

#include "controlplane/wire/admin_desk.hpp"
#include "controlplane/wire/counters.hpp"
#include "controlplane/wire/crowd.hpp"
#include "controlplane/wire/endpoint.hpp"
#include "controlplane/wire/peer_table.hpp"
#include "controlplane/wire/publisher.hpp"
#include "controlplane/wire/wakeup.hpp"
#include "controlplane/wire/zap.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

/// The endpoints of one kind that share a socket: all ipc:// of one role, or all tcp://.
struct Stand {
    zmq::socket_type type = zmq::socket_type::pub;
    std::vector<Endpoint> endpoints;
    bool curve = false;
    Role role = Role::local;      // of whoever opens an ipc:// one
    std::optional<Socket> socket; // nothing while it waits to be bound anew
    std::optional<Socket> events; // of its connections
};

class Publisher::Loop {
public:
    Loop(PublisherOptions options, PublisherHandlers handlers);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    Status open();
    void start();

    void publish(Update update);
    void publish_trust(std::string list, std::uint64_t version);
    void sign_beacons(SigningKey key);
    void pass_proof(std::string proof);
    Result<std::vector<ProbeAnswer>> probe(const Address& address, std::chrono::milliseconds wait);
    void ask_probe(const Address& address);
    Result<std::vector<TopAnswer>> top(const TopQuery& query, std::chrono::milliseconds wait);
    void ask_top(std::uint64_t id, const TopQuery& query);
    void ask_reports();
    void authorize(AuthorizedKeys keys);

    PeerTable peers;
    Counters counters;
    std::vector<std::string> update_endpoints;
    std::vector<std::string> request_endpoints;

private:
    using Clock = std::chrono::steady_clock;
    struct Collector { // one waiting probe()
        Address address;
        std::set<std::string> missing;
        std::vector<ProbeAnswer> answers;
    };

    struct TopCollector { // one waiting top()
        std::uint64_t id = 0;
        std::set<std::string> missing;
        std::vector<TopAnswer> answers;
        std::size_t talkers = 0;
    };

    Status add_gate_stand(zmq::socket_type type, const std::vector<std::string>& endpoints);
    Status add_stands(zmq::socket_type type, const std::vector<std::string>& endpoints,
                      std::vector<std::string>& bound);
    Status bind(Stand& stand);
    Result<std::string> bind_one(Stand& stand, const Endpoint& endpoint);

    void run();
    void turn();
    void beacon();
    void announce(const proto::Announcement& announcement);
    void rebind();
    /// Nobody may use up the descriptors.
    void watch_crowd(Stand& stand);
    [[nodiscard]] Crowd& crowd_of(const Stand& stand);
    void shut_silent();
    void shut(int descriptor);
    [[nodiscard]] bool comes_too_often(const std::string& key);
    void close_changed(const AuthorizedKeys& before);

    void serve(std::size_t stand);
    void serve_one(std::size_t stand, const Received& received);
    void handle(std::size_t stand, const std::string& route, const Peer& peer,
                const proto::Request& request);
    std::optional<Peer> peer_of(const Stand& stand, const Received& received) const;
    bool speaks_for(const Peer& peer, const std::string& gate);
    void on_trust_wanted(std::size_t stand, const std::string& route);
    void on_fetch(std::size_t stand, const std::string& route, const proto::Fetch& fetch);
    void on_acknowledgement(const Peer& peer, const proto::Acknowledgement& message);
    void on_report(const Peer& peer, const proto::GateReport& message);
    void on_answer(const Peer& peer, const proto::ProbeAnswer& message);
    void on_top(const Peer& peer, const proto::TopAnswer& message);
    void on_events(const Peer& peer, const proto::HitEvents& message);
    void on_admin(std::size_t stand, const std::string& route, const Peer& peer,
                  const proto::AdminRequest& message);
    void reply(std::size_t stand, const std::string& route, const proto::Reply& reply);
    [[nodiscard]] bool admits(const std::string& domain, const std::string& key,
                              const std::string& address);
    void refuse(std::size_t stand, const std::string& route, const Peer& peer,
                const std::string& verb, const std::string& what);
    template <typename Work>
    void guarded(Work work);

    PublisherOptions options_;
    PublisherHandlers handlers_;
    zmq::context_t context_;
    Wakeup wakeup_;
    std::optional<Doorkeeper> door_;
    std::vector<Stand> stands_;
    struct Crowds {
        Crowd updates;
        Crowd requests;
    };
    std::optional<Crowds> remote_crowds_; // of the tcp:// endpoints
    std::optional<Crowds> local_crowds_;  // of the ipc:// ones
    std::uint64_t monitors_ = 0;
    struct Visits {
        double left = kVisitsAtOnce;
        Clock::time_point at{};
    };
    static constexpr double kVisitsAtOnce = 1024;
    static constexpr double kVisitsPerSecond = 64;
    std::map<std::string, Visits> visits_; // of authorized keys, by key
    std::uint64_t epoch_ = 0;
    Update current_;
    std::string trust_; // the list of signing keys
    std::uint64_t trust_version_ = 0;
    std::optional<SigningKey> beacon_key_;
    std::uint64_t beacons_ = 0; // signed in this session, which is epoch_
    std::string proof_;         // of the controller, for a relay
    Clock::time_point next_beacon_;
    std::atomic<bool> stopping_{false};

    std::mutex probes_mutex_;
    std::condition_variable probes_changed_;
    std::list<Collector> probes_;
    std::list<TopCollector> tops_; // under probes_mutex_ too
    std::uint64_t last_top_ = 0;

    std::unique_ptr<AdminDesk> desk_;
    std::thread thread_;
};

} // namespace sweepgate::wire
