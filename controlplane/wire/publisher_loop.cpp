// SPDX-License-Identifier: Apache-2.0
// Opening, binding, announcing. What peers ask for is in publisher_requests.cpp.
#include "controlplane/wire/publisher_loop.hpp"

#include <netdb.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>

#include "controlplane/wire/beacon_proof.hpp"
#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::chrono::milliseconds kRebindEvery{20};
constexpr std::chrono::seconds kHeard{10};
// A larger delta is left out: the beacon leads every gate to a fetch in chunks.
constexpr std::size_t kMaxSealedDelta = kMaxAnnouncementBytes - 4096;
constexpr mode_t kSocketMode = 0660;

/// Descriptors that are not for tcp:// peers: files, ipc:// peers, our own sockets.
constexpr std::size_t kReserved = 2048;

std::size_t most_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
    return std::min<rlim_t>(limit.rlim_cur, 1'000'000);
}

CrowdLimits remote_limits() {
    CrowdLimits limits;
    const auto most = most_descriptors();
    // Half for either kind of endpoint.
    limits.total = std::max<std::size_t>(most / 2, most - std::min(most, kReserved)) / 2;
    limits.per_address = limits.total / 2;
    limits.young_per_address = limits.per_address;
    return limits;
}

CrowdLimits local_limits() {
    CrowdLimits limits;
    limits.total = std::min<std::size_t>(kReserved / 2, most_descriptors() / 4) / 2;
    limits.per_address = limits.total; // they have none
    limits.young_per_address = limits.total / 2;
    return limits;
}

/// Where it comes from; empty for ipc://. Nothing: it is gone already.
std::optional<std::string> peer_address_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return std::nullopt;
    std::array<char, NI_MAXHOST> text{};
    if (address.ss_family == AF_UNIX ||
        ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, text.data(), text.size(),
                      nullptr, 0, NI_NUMERICHOST) != 0)
        return std::string();
    return unmapped(text.data());
}

Limits limits_of(zmq::socket_type type) {
    // A subscriber that does not read loses messages, and its gap detection leads it to a fetch.
    if (type == zmq::socket_type::pub) return {4096, 64, 64};
    return {kMaxRequestBytes, 16, 1000};
}

} // namespace

Publisher::Loop::Loop(PublisherOptions options, PublisherHandlers handlers)
    : options_(std::move(options)), handlers_(std::move(handlers)) {
    randombytes_buf(&epoch_, sizeof epoch_);
}

Publisher::Loop::~Loop() {
    {
        const std::lock_guard lock(probes_mutex_);
        stopping_ = true;
    }
    probes_changed_.notify_all(); // a verb may be waiting in probe()
    if (desk_) desk_->stop();     // not yet gone: our thread still hands it requests
    wakeup_.order("stop", [] {});
    if (thread_.joinable()) thread_.join();
}

Status Publisher::Loop::open() {
    if (options_.updates.empty() || options_.requests.empty())
        return fail(Errc::bad_input, "a publisher needs an updates and a requests endpoint");
    if (wakeup_.fd() < 0) return system_fault("create", "eventfd");
    remote_crowds_.emplace(Crowds{Crowd(remote_limits()), Crowd(remote_limits())});
    local_crowds_.emplace(Crowds{Crowd(local_limits()), Crowd(local_limits())});
    auto door = Doorkeeper::open(context_);
    if (!door) return tl::unexpected(door.error());
    door_.emplace(std::move(*door));
    if (auto ok = add_stands(zmq::socket_type::pub, options_.updates, update_endpoints); !ok)
        return ok;
    if (auto ok = add_stands(zmq::socket_type::router, options_.requests, request_endpoints); !ok)
        return ok;
    if (auto ok = add_gate_stand(zmq::socket_type::pub, options_.gate_updates); !ok) return ok;
    return add_gate_stand(zmq::socket_type::router, options_.gate_requests);
}

Status Publisher::Loop::add_gate_stand(zmq::socket_type type,
                                       const std::vector<std::string>& endpoints) {
    if (endpoints.empty()) return {};
    Stand stand{type, {}, false, Role::relay, {}, {}};
    for (const auto& text : endpoints) {
        auto endpoint = parse_endpoint(text);
        if (!endpoint) return tl::unexpected(endpoint.error());
        if (!endpoint->is_local())
            return fail(Errc::bad_input, text + ": only ipc:// is for the gates of this box; gates "
                                                "elsewhere have keys");
        if (auto ok = check_place(*endpoint); !ok) return ok;
        stand.endpoints.push_back(std::move(*endpoint));
    }
    if (auto ok = bind(stand); !ok) return ok;
    stands_.push_back(std::move(stand));
    return {};
}

void Publisher::Loop::start() {
    next_beacon_ = Clock::now();
    desk_ = std::make_unique<AdminDesk>(handlers_.on_admin);
    thread_ = std::thread([this] { run(); });
}

Status Publisher::Loop::add_stands(zmq::socket_type type, const std::vector<std::string>& endpoints,
                                   std::vector<std::string>& bound) {
    Stand local{type, {}, false, Role::local, {}, {}};
    Stand remote{type, {}, true, Role::local, {}, {}};
    for (const auto& text : endpoints) {
        auto endpoint = parse_endpoint(text);
        if (!endpoint) return tl::unexpected(endpoint.error());
        if (!endpoint->is_local() && !options_.curve)
            return fail(Errc::bad_input, text + ": a tcp:// endpoint needs CURVE keys");
        if (auto ok = check_place(*endpoint); !ok) return ok;
        (endpoint->is_local() ? local : remote).endpoints.push_back(std::move(*endpoint));
    }
    for (auto* stand : {&local, &remote}) {
        if (stand->endpoints.empty()) continue;
        if (auto ok = bind(*stand); !ok) return ok;
        for (const auto& endpoint : stand->endpoints) bound.push_back(endpoint.address);
        stands_.push_back(std::move(*stand));
    }
    return {};
}

Status Publisher::Loop::bind(Stand& stand) {
    auto socket = Socket::create(context_, stand.type, limits_of(stand.type));
    if (!socket) return tl::unexpected(socket.error());
    const auto* domain = stand.type == zmq::socket_type::pub ? kUpdatesDomain : kRequestsDomain;
    if (stand.curve) {
        if (auto ok = socket->serve_curve(*options_.curve, domain); !ok) return ok;
    }
    stand.socket.emplace(std::move(*socket));
    auto events =
        stand.socket->monitor(context_, "crowd-" + std::to_string(++monitors_), kConnectionEvents);
    if (!events) return tl::unexpected(events.error());
    stand.events.emplace(std::move(*events));
    for (auto& endpoint : stand.endpoints) {
        auto bound = bind_one(stand, endpoint);
        if (!bound) {
            stand.socket.reset();
            return tl::unexpected(bound.error());
        }
        endpoint.address = *bound; // a wildcard port stays the same when bound anew
    }
    return {};
}

Result<std::string> Publisher::Loop::bind_one(Stand& stand, const Endpoint& endpoint) {
    auto bound = stand.socket->bind(endpoint.address);
    // Who may write to the socket file may connect: owner and group.
    if (bound && endpoint.is_local() && ::chmod(endpoint.socket_file.c_str(), kSocketMode) != 0)
        return system_fault("chmod", endpoint.socket_file);
    return bound;
}

void Publisher::Loop::run() {
    while (!stopping_) {
        try {
            turn();
        } catch (const std::exception&) { // a handler's, or memory: the next message is served
            counters.count("handler_threw");
        }
    }
    for (auto& stand : stands_) {
        stand.events.reset();
        stand.socket.reset();
    }
    door_.reset();
}

void Publisher::Loop::turn() {
    std::vector<Socket*> sockets{&door_->socket()};
    std::vector<std::size_t> served;
    bool closed = false;
    for (auto& stand : stands_) {
        closed = closed || !stand.socket;
        if (stand.events) watch_crowd(stand);
    }
    for (std::size_t i = 0; i < stands_.size(); ++i) {
        if (stands_[i].type != zmq::socket_type::router || !stands_[i].socket) continue;
        sockets.push_back(&*stands_[i].socket);
        served.push_back(i);
    }
    for (auto& stand : stands_)
        if (stand.events) sockets.push_back(&*stand.events);
    auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(next_beacon_ - Clock::now());
    if (closed) wait = std::min(wait, kRebindEvery);
    const auto readable = poll(sockets, wakeup_.fd(), wait);
    const auto admit = [this](const std::string& domain, const std::string& key,
                              const std::string& address) { return admits(domain, key, address); };
    if (readable.front())
        while (door_->answer(admit)) {
        }
    for (std::size_t i = 0; i < served.size(); ++i)
        if (readable[i + 1]) serve(served[i]);
    if (readable.back()) wakeup_.run_posted();
    if (closed) rebind();
    if (Clock::now() >= next_beacon_) beacon();
}

void Publisher::Loop::beacon() {
    // A fleet of N that fetches at once is spread over N/200 s, at most a minute.
    const auto spread = std::min<std::size_t>(60'000, peers.size() * 5);
    proto::Announcement announcement;
    auto* message = announcement.mutable_beacon();
    message->set_epoch(epoch_);
    message->set_generation(current_.generation);
    message->set_digest(to_wire_bytes(current_.digest));
    message->set_trust_version(trust_version_);
    if (beacon_key_)
        message->set_proof(
            seal_proof({epoch_, ++beacons_, current_.generation, current_.digest}, *beacon_key_));
    else
        message->set_proof(proof_);
    message->set_spread_ms(static_cast<std::uint32_t>(spread));
    message->set_clock_ms(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count()));
    announce(announcement);
    next_beacon_ = Clock::now() + options_.beacon_every;
    shut_silent();
}

void Publisher::Loop::announce(const proto::Announcement& announcement) {
    const auto bytes = serialize_message(announcement);
    for (auto& stand : stands_)
        if (stand.type == zmq::socket_type::pub && stand.socket) stand.socket->send({bytes});
}

void Publisher::Loop::watch_crowd(Stand& stand) {
    auto& crowd = crowd_of(stand);
    // Bounded, as is all that peers can make of; the rest waits for the next turn.
    for (int i = 0; i < 1024; ++i) {
        const auto received = stand.events->receive();
        if (!received) return;
        const auto event = connection_event(*received);
        if (!event) continue;
        if (!event->accepted) {
            crowd.closed(event->descriptor);
        } else if (const auto address = peer_address_of(event->descriptor)) {
            if (const auto one = crowd.accepted(event->descriptor, *address, Clock::now()))
                shut(*one);
        }
    }
}

Crowd& Publisher::Loop::crowd_of(const Stand& stand) {
    auto& crowds = stand.curve ? *remote_crowds_ : *local_crowds_;
    return stand.type == zmq::socket_type::pub ? crowds.updates : crowds.requests;
}

void Publisher::Loop::shut_silent() {
    for (auto* crowds : {&*remote_crowds_, &*local_crowds_})
        for (const int descriptor : crowds->requests.silent(Clock::now())) shut(descriptor);
}

void Publisher::Loop::shut(int descriptor) {
    // ZeroMQ sees its end and closes it; closed here it could be another's by then.
    ::shutdown(descriptor, SHUT_RDWR);
    counters.count("shut");
}

bool Publisher::Loop::comes_too_often(const std::string& key) {
    auto& visits = visits_[key];
    const auto now = Clock::now();
    if (visits.at != Clock::time_point{})
        visits.left =
            std::min(kVisitsAtOnce,
                     visits.left +
                         kVisitsPerSecond * std::chrono::duration<double>(now - visits.at).count());
    visits.at = now;
    if (visits.left < 1) return true;
    visits.left -= 1;
    return false;
}

void Publisher::Loop::rebind() {
    for (auto& stand : stands_) {
        if (stand.socket) continue;
        // The old listener is closed by ZeroMQ in its own time: tried again at the next turn.
        counters.count(bind(stand) ? "rebound" : "rebind_waits");
    }
}

void Publisher::Loop::publish(Update update) {
    // A delta that is overtaken here is a gap to the gates, which leads them to a fetch.
    wakeup_.order("publish", [this, update = std::move(update)]() mutable {
        proto::Announcement announcement;
        if (!update.sealed_delta.empty() && update.sealed_delta.size() <= kMaxSealedDelta) {
            announcement.set_sealed_delta(std::move(update.sealed_delta));
            announce(announcement);
        }
        current_ = std::move(update);
        counters.count("published");
        beacon();
    });
}

void Publisher::Loop::publish_trust(std::string list, std::uint64_t version) {
    wakeup_.order("trust", [this, list = std::move(list), version]() mutable {
        trust_ = std::move(list);
        trust_version_ = version;
        proto::Announcement announcement;
        announcement.set_trust(trust_);
        announce(announcement);
        beacon();
    });
}

void Publisher::Loop::sign_beacons(SigningKey key) {
    wakeup_.order("beacon key",
                  [this, key = std::move(key)]() mutable { beacon_key_ = std::move(key); });
}

void Publisher::Loop::pass_proof(std::string proof) {
    wakeup_.order("proof",
                  [this, proof = std::move(proof)]() mutable { proof_ = std::move(proof); });
}

void Publisher::Loop::ask_probe(const Address& address) {
    const auto asked = to_wire_bytes(address);
    const bool taken = wakeup_.post_newest("probe " + asked, [this, asked] {
        proto::Announcement announcement;
        announcement.set_probe(asked);
        announce(announcement);
    });
    if (!taken) counters.count("overloaded");
}

void Publisher::Loop::ask_reports() {
    wakeup_.order("report", [this] {
        proto::Announcement announcement;
        announcement.set_report_wanted(true);
        announce(announcement);
    });
}

Result<std::vector<ProbeAnswer>> Publisher::Loop::probe(const Address& address,
                                                        std::chrono::milliseconds wait) {
    std::unique_lock lock(probes_mutex_);
    const auto mine = probes_.insert(probes_.end(), {address, peers.heard_within(kHeard), {}});
    const bool expects = !mine->missing.empty();
    ask_probe(address);
    probes_changed_.wait_for(lock, wait,
                             [&] { return stopping_ || (expects && mine->missing.empty()); });
    auto answers = std::move(mine->answers);
    probes_.erase(mine);
    if (stopping_) return fail(Errc::unavailable, "the publisher is stopping");
    return answers;
}

void Publisher::Loop::ask_top(std::uint64_t id, const TopQuery& query) {
    const bool taken = wakeup_.post_newest("top " + std::to_string(id), [this, id, query] {
        proto::Announcement announcement;
        encode(query, id, *announcement.mutable_top());
        announce(announcement);
    });
    if (!taken) counters.count("overloaded");
}

Result<std::vector<TopAnswer>> Publisher::Loop::top(const TopQuery& query,
                                                    std::chrono::milliseconds wait) {
    std::unique_lock lock(probes_mutex_);
    // Unlike those of another publisher, or of ours before it started anew.
    const auto id = epoch_ + ++last_top_;
    const auto mine = tops_.insert(tops_.end(), {id, peers.heard_within(kHeard), {}, 0});
    const bool expects = !mine->missing.empty();
    ask_top(id, query);
    probes_changed_.wait_for(lock, wait,
                             [&] { return stopping_ || (expects && mine->missing.empty()); });
    auto answers = std::move(mine->answers);
    tops_.erase(mine);
    if (stopping_) return fail(Errc::unavailable, "the publisher is stopping");
    return answers;
}

void Publisher::Loop::authorize(AuthorizedKeys keys) {
    wakeup_.order("authorize", [this, keys = std::move(keys)]() mutable {
        std::swap(options_.authorized, keys);
        close_changed(keys);
    });
}

void Publisher::Loop::close_changed(const AuthorizedKeys& before) {
    bool lost = false;
    for (const auto& [key, entry] : before.all()) {
        const auto* now = options_.authorized.find(key);
        lost = lost || now == nullptr || !(*now == entry);
    }
    if (!lost) return;
    for (auto& stand : stands_)
        if (stand.curve) {
            stand.events.reset();
            stand.socket.reset();
        }
    remote_crowds_.emplace(Crowds{Crowd(remote_limits()), Crowd(remote_limits())});
    std::erase_if(visits_, [this](const auto& each) {
        return options_.authorized.find(each.first) == nullptr;
    });
}

} // namespace sweepgate::wire
