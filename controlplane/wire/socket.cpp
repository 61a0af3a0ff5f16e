// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/socket.hpp"

#include <algorithm>
#include <cstring>

#include "controlplane/wire/endpoint.hpp"

namespace sweepgate::wire {

namespace {

// PROTOCOL.md, "Settings", says why each has its value.
void set_limits(zmq::socket_t& socket, const Limits& limits) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits.message_bytes));
    socket.set(zmq::sockopt::sndhwm, limits.send_queue);
    socket.set(zmq::sockopt::rcvhwm, limits.receive_queue);
    socket.set(zmq::sockopt::handshake_ivl, 3000);
    socket.set(zmq::sockopt::heartbeat_ivl, 5000);
    socket.set(zmq::sockopt::heartbeat_timeout, 15000);
    socket.set(zmq::sockopt::heartbeat_ttl, 15000);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::backlog, 4096);
    socket.set(zmq::sockopt::ipv6, true);
}

tl::unexpected<Error> zmq_fault(const std::string& what, const zmq::error_t& error) {
    return fail(Errc::io, what + ": " + error.what());
}

template <typename Work>
Status guarded(const std::string& what, Work work) {
    try {
        work();
    } catch (const zmq::error_t& error) {
        return zmq_fault(what, error);
    }
    return {};
}

} // namespace

Result<Socket> Socket::create(zmq::context_t& context, zmq::socket_type type, Limits limits) {
    try {
        zmq::socket_t socket(context, type);
        set_limits(socket, limits);
        if (type == zmq::socket_type::router) socket.set(zmq::sockopt::router_mandatory, true);
        return Socket(std::move(socket));
    } catch (const zmq::error_t& error) {
        return zmq_fault("socket", error);
    }
}

Status Socket::serve_curve(const CurveKeys& keys, const std::string& domain) {
    return guarded("CURVE server key", [&] {
        socket_.set(zmq::sockopt::curve_server, true);
        socket_.set(zmq::sockopt::curve_publickey, keys.public_key);
        socket_.set(zmq::sockopt::curve_secretkey, keys.secret_key);
        socket_.set(zmq::sockopt::zap_domain, domain);
        // Without it a missing ZAP handler would let every key in. zmq.h hides the name of this
        // option among its drafts; the library itself always knows it.
        constexpr int kZapEnforceDomain = 93;
        constexpr int kOn = 1;
        if (zmq_setsockopt(socket_.handle(), kZapEnforceDomain, &kOn, sizeof kOn) != 0)
            throw zmq::error_t();
    });
}

Status Socket::use_curve(const CurveClient& client) {
    return guarded("CURVE client key", [&] {
        socket_.set(zmq::sockopt::curve_publickey, client.own.public_key);
        socket_.set(zmq::sockopt::curve_secretkey, client.own.secret_key);
        socket_.set(zmq::sockopt::curve_serverkey, client.server_key);
    });
}

Status Socket::subscribe_all() {
    return guarded("subscribe", [&] { socket_.set(zmq::sockopt::subscribe, ""); });
}

Result<std::string> Socket::bind(const std::string& endpoint) {
    try {
        socket_.bind(endpoint);
        return socket_.get(zmq::sockopt::last_endpoint);
    } catch (const zmq::error_t& error) {
        return zmq_fault("bind " + endpoint, error);
    }
}

Status Socket::connect(const std::string& endpoint) {
    return guarded("connect " + endpoint, [&] { socket_.connect(endpoint); });
}

Result<Socket> Socket::monitor(zmq::context_t& context, const std::string& name, int wanted) {
    // Nothing is ever lost of it, nor does ZeroMQ's own thread wait for us: a queue without bounds,
    // of what some thousand descriptors can say between two looks.
    constexpr int kAll = 0;
    const auto endpoint = "inproc://" + name;
    auto events = create(context, zmq::socket_type::pair, {64, kAll, kAll});
    if (!events) return events;
    if (zmq_socket_monitor(socket_.handle(), endpoint.c_str(), wanted) != 0)
        return fail(Errc::io, "monitor: " + std::string(zmq_strerror(zmq_errno())));
    if (auto ok = events->connect(endpoint); !ok) return tl::unexpected(ok.error());
    return events;
}

std::optional<ConnectionEvent> connection_event(const Received& received) {
    std::uint16_t event = 0; // zmq_socket_monitor(3): number and value, host order
    std::int32_t value = 0;
    if (received.parts.empty() || received.parts[0].size() != sizeof event + sizeof value)
        return std::nullopt;
    std::memcpy(&event, received.parts[0].data(), sizeof event);
    std::memcpy(&value, received.parts[0].data() + sizeof event, sizeof value);
    if (event != ZMQ_EVENT_ACCEPTED && event != ZMQ_EVENT_DISCONNECTED) return std::nullopt;
    return ConnectionEvent{event == ZMQ_EVENT_ACCEPTED, value};
}

Sent Socket::send(const std::vector<std::string_view>& parts) {
    try {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto more =
                i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
            zmq::message_t message(parts[i].data(), parts[i].size());
            if (!socket_.send(message, more | zmq::send_flags::dontwait)) return Sent::would_block;
        }
    } catch (const zmq::error_t& error) {
        return error.num() == EHOSTUNREACH ? Sent::no_such_peer : Sent::failed;
    }
    return Sent::yes;
}

std::string unmapped(std::string address) {
    constexpr std::string_view kMapped = "::ffff:"; // RFC 4291 section 2.5.5.2
    if (address.starts_with(kMapped) && address.find('.') != std::string::npos)
        address.erase(0, kMapped.size());
    return address;
}

std::optional<Received> Socket::receive() {
    // A legal message has at most this many parts (ZAP's seven); the rest is read and dropped.
    constexpr std::size_t kMaxParts = 8;
    Received received;
    try {
        for (bool more = true; more;) {
            zmq::message_t part;
            if (!socket_.recv(part, zmq::recv_flags::dontwait)) return std::nullopt;
            more = part.more();
            if (received.parts.size() < kMaxParts) received.parts.push_back(part.to_string());
            if (more) continue;
            const char* user = zmq_msg_gets(part.handle(), "User-Id");
            if (user != nullptr) received.user_id = user;
            const char* address = zmq_msg_gets(part.handle(), "Peer-Address");
            if (address != nullptr) received.peer_address = unmapped(address);
            received.descriptor = zmq_msg_get(part.handle(), ZMQ_SRCFD);
        }
    } catch (const zmq::error_t&) {
        return std::nullopt; // the context is closing
    }
    return received;
}

Result<Socket> open_client(zmq::context_t& context, zmq::socket_type type, Limits limits,
                           const std::string& endpoint, const std::optional<CurveClient>& curve,
                           const std::function<Status(Socket&)>& before) {
    const auto parsed = parse_endpoint(endpoint);
    if (!parsed) return tl::unexpected(parsed.error());
    if (parsed->is_local() == curve.has_value())
        return fail(Errc::bad_input, endpoint + (curve ? ": an ipc:// endpoint takes no keys"
                                                       : ": a tcp:// endpoint needs CURVE keys"));
    auto socket = Socket::create(context, type, limits);
    if (!socket) return socket;
    auto* raw = socket->handle();
    const int first = parsed->is_local() ? 100 : 500;
    const int most = parsed->is_local() ? 2000 : 30000;
    // ZeroMQ adds a random part of the first interval to each wait.
    zmq_setsockopt(raw, ZMQ_RECONNECT_IVL, &first, sizeof first);
    zmq_setsockopt(raw, ZMQ_RECONNECT_IVL_MAX, &most, sizeof most);
    constexpr int kOnlyConnected = 1;
    zmq_setsockopt(raw, ZMQ_IMMEDIATE, &kOnlyConnected, sizeof kOnlyConnected);
    Status ok = curve ? socket->use_curve(*curve) : Status{};
    if (ok && type == zmq::socket_type::sub) ok = socket->subscribe_all();
    if (ok && before) ok = before(*socket);
    if (ok) ok = socket->connect(endpoint);
    if (!ok) return tl::unexpected(ok.error());
    return socket;
}

std::vector<bool> poll(const std::vector<Socket*>& sockets, int descriptor,
                       std::chrono::milliseconds timeout) {
    std::vector<zmq_pollitem_t> items;
    for (auto* socket : sockets) items.push_back({socket->handle(), 0, ZMQ_POLLIN, 0});
    if (descriptor >= 0) items.push_back({nullptr, descriptor, ZMQ_POLLIN, 0});
    const auto wait = std::max<std::chrono::milliseconds::rep>(0, timeout.count());
    std::vector<bool> readable(items.size(), false);
    if (zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(wait)) <= 0)
        return readable;
    for (std::size_t i = 0; i < items.size(); ++i)
        readable[i] = (items[i].revents & ZMQ_POLLIN) != 0;
    return readable;
}

} // namespace sweepgate::wire
