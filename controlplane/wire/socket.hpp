// SPDX-License-Identifier: Apache-2.0
// Internal to this station: ZeroMQ behind values. The only header that includes zmq.hpp; its
// exceptions stop here.
//
// Traps: a socket belongs to one thread at a time; the context must outlive its sockets; CURVE is a
// property of the socket, so ipc:// and tcp:// endpoints never share one; closing is asynchronous,
// so an address may stay in use for some milliseconds after it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include "controlplane/model/result.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

inline constexpr int kMaxRequestBytes = 1 << 20;      // gate or admin to publisher
inline constexpr int kMaxAnnouncementBytes = 1 << 20; // publisher to subscribers
inline constexpr int kMaxReplyBytes = 33 << 20;       // an admin reply; chunks are far smaller
inline constexpr std::size_t kChunkBytes = 64 * 1024;

struct Limits {
    int message_bytes = kMaxRequestBytes; // ZMQ_MAXMSGSIZE; a longer one ends the connection
    int send_queue = 16;                  // messages a peer may leave unread before new ones drop
    int receive_queue = 1000;
};

/// One message as received. `parts` holds the frames, a ROUTER's first one is the routing id.
struct Received {
    std::vector<std::string> parts;
    std::string user_id;      // set by ZAP: the peer's public key
    std::string peer_address; // an IP address; of ipc:// "localhost:uid:gid:pid"
    int descriptor = -1;      // of the connection that it came over
};

struct ConnectionEvent {
    bool accepted = false; // else it is gone
    int descriptor = -1;
};
inline constexpr int kConnectionEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED;
/// Of a monitor's message. Nothing: another event.
[[nodiscard]] std::optional<ConnectionEvent> connection_event(const Received& received);

/// As ZeroMQ tells it: a socket for both families says "::ffff:192.0.2.7" of 192.0.2.7.
[[nodiscard]] std::string unmapped(std::string address);

enum class Sent : std::uint8_t { yes, would_block, no_such_peer, failed };

class Socket {
public:
    /// Errors: io (out of sockets or descriptors).
    static Result<Socket> create(zmq::context_t& context, zmq::socket_type type, Limits limits);

    /// CURVE server: only peers that ZAP in `domain` lets in. Errors: bad_input for a key.
    Status serve_curve(const CurveKeys& keys, const std::string& domain);
    Status use_curve(const CurveClient& client);
    Status subscribe_all();

    /// Returns the endpoint as bound. Errors: io with ZeroMQ's words.
    Result<std::string> bind(const std::string& endpoint);
    Status connect(const std::string& endpoint);
    /// Where it tells of `events` (zmq_socket_monitor(3)). `name` is unlike any other's of the
    /// context. Errors: io.
    Result<Socket> monitor(zmq::context_t& context, const std::string& name, int events);

    /// Never waits.
    Sent send(const std::vector<std::string_view>& parts);
    std::optional<Received> receive();

    [[nodiscard]] void* handle() { return socket_.handle(); }

private:
    explicit Socket(zmq::socket_t socket) : socket_(std::move(socket)) {}
    zmq::socket_t socket_;
};

/// A DEALER or SUB that reconnects with jittered backoff. Errors: bad_input when a tcp:// endpoint
/// comes without keys or an ipc:// one with. `before` is called before it connects.
[[nodiscard]] Result<Socket> open_client(zmq::context_t& context, zmq::socket_type type,
                                         Limits limits, const std::string& endpoint,
                                         const std::optional<CurveClient>& curve,
                                         const std::function<Status(Socket&)>& before = {});

/// Which of the sockets, and behind them the descriptor unless it is -1, are readable. Waits at
/// most `timeout`.
[[nodiscard]] std::vector<bool> poll(const std::vector<Socket*>& sockets, int descriptor,
                                     std::chrono::milliseconds timeout);

} // namespace sweepgate::wire
