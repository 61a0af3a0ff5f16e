// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/reach.hpp"

#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::wire {

namespace {

constexpr const char* kStatus = "systemctl status sweepgated";

std::string user_name() {
    const auto* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

/// 0, or the errno of an attempt that was given up after `patience`.
int try_connect(const sockaddr* address, socklen_t length, std::chrono::milliseconds patience) {
    const Descriptor probe(
        ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!probe) return errno;
    if (::connect(probe.get(), address, length) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    pollfd waiting{probe.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) == 0) return ETIMEDOUT;
    int fault = 0;
    socklen_t size = sizeof fault;
    if (::getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &fault, &size) != 0) return errno;
    return fault;
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

} // namespace

std::optional<std::string> why_not_local(const std::filesystem::path& socket) {
    struct stat status {};
    const bool there = ::stat(socket.c_str(), &status) == 0;
    int fault = there ? 0 : errno;
    if (there) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
        fault = try_connect(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                            std::chrono::milliseconds(0));
    }
    switch (fault) {
    case 0:
    case EAGAIN: // its queue of new connections is full: somebody is there
    case ETIMEDOUT: return std::nullopt;
    case ENOENT:
    case ENOTDIR: return "no socket " + socket.string() + ": is sweepgated running? " + kStatus;
    case ECONNREFUSED:
        return "nobody listens on " + socket.string() + ": is sweepgated running? " + kStatus;
    case EACCES:
    case EPERM:
        return "no permission on " + socket.string() + ": adduser " + user_name() +
               " sweepgate, and log in again";
    default: return socket.string() + ": " + errno_text(fault);
    }
}

std::optional<std::string> why_not_tcp(const std::string& endpoint,
                                       std::chrono::milliseconds patience) {
    constexpr std::size_t kScheme = 6; // tcp://
    const auto colon = endpoint.rfind(':');
    auto host = endpoint.substr(kScheme, colon - kScheme);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    const int unresolved =
        ::getaddrinfo(host.c_str(), endpoint.substr(colon + 1).c_str(), &hints, &raw);
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(raw);
    if (unresolved != 0) return endpoint + ": " + ::gai_strerror(unresolved);
    int fault = 0;
    for (const auto* one = raw; one != nullptr; one = one->ai_next)
        if (fault = try_connect(one->ai_addr, one->ai_addrlen, patience); fault == 0)
            return std::nullopt;
    if (fault == ECONNREFUSED)
        return endpoint + ": connection refused: nothing listens on that port";
    return endpoint + ": " + errno_text(fault);
}

Result<Handshake> Handshake::watch(zmq::context_t& context, Socket& socket) {
    auto events = socket.monitor(context, "handshake", ZMQ_EVENT_ALL);
    if (!events) return tl::unexpected(events.error());
    return Handshake(std::move(*events));
}

Handshake::State Handshake::update() {
    while (const auto received = events_.receive()) {
        std::uint16_t event = 0;
        if (received->parts.empty() || received->parts[0].size() < sizeof event) continue;
        std::memcpy(&event, received->parts[0].data(), sizeof event);
        take(event);
    }
    return state_;
}

/// It could not read our key, or had to make room in a crowd: only one of them lasts.
void Handshake::hung_up() {
    constexpr int kMeant = 4;
    state_ = ++hang_ups_ < kMeant ? State::none : State::failed;
}

void Handshake::take(std::uint16_t event) {
    // What the keys came to stays: the library tries again and again with the same ones.
    if (state_ == State::key_refused || state_ == State::failed) return;
    switch (event) {
    case ZMQ_EVENT_CONNECTED: state_ = State::connected; break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: state_ = State::ready; break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: state_ = State::key_refused; break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return hung_up();
    case ZMQ_EVENT_DISCONNECTED:
        if (state_ == State::connected) return hung_up();
        if (hang_ups_ == 0) state_ = State::no_connection;
        break;
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_CONNECT_RETRIED:
        if (state_ != State::connected) state_ = State::no_connection;
        break;
    default: break;
    }
}

} // namespace sweepgate::wire
