// SPDX-License-Identifier: Apache-2.0
#include "resolver/channel.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <utility>

#define CARES_NO_DEPRECATED // 1.28 and later mark the ABI that both have
#include <ares.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace sweepgate::dns {

namespace {

constexpr int kReceiveBuffer = 1 << 20; // bytes; the default holds about 270 small answers

ares_socket_t open_socket(int family, int type, int protocol, void*) {
    const int descriptor = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) return ARES_SOCKET_BAD;
    // FORCE goes past net.core.rmem_max where we may; without the right, the limit is kept.
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer,
                   sizeof kReceiveBuffer) != 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    const int on = 1;
    if (type == SOCK_STREAM) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

int close_socket(ares_socket_t descriptor, void*) { return close(descriptor); }

ares_ssize_t send_pieces(ares_socket_t descriptor, const iovec* pieces, int count, void*) {
    if (count == 1) return send(descriptor, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = static_cast<std::size_t>(std::min(count, IOV_MAX));
    return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

struct Library {
    int status = ares_library_init(ARES_LIB_INIT_ALL);
};

Status checked(int status, const char* doing) {
    if (status == ARES_SUCCESS) return {};
    return fail(Errc::unavailable, std::string("c-ares: ") + doing + ": " + ares_strerror(status));
}

ares_addr_port_node server_node(const Endpoint& server) {
    ares_addr_port_node node{};
    const auto bytes = to_bytes(server.address);
    node.family = server.address.family == Family::ipv4 ? AF_INET : AF_INET6;
    node.udp_port = node.tcp_port = server.port;
    std::memcpy(&node.addr, bytes.data(), width_bytes(server.address.family));
    return node;
}

} // namespace

struct Channel::Handle {
    ares_channel raw = nullptr;

    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (raw != nullptr) ares_destroy(raw);
    }

    static ares_ssize_t receive(ares_socket_t descriptor, void* buffer, std::size_t size, int flags,
                                sockaddr* from, ares_socklen_t* from_size, void* self) {
        auto& channel = *static_cast<Channel*>(self);
        if (channel.options_.tcp) return recvfrom(descriptor, buffer, size, flags, from, from_size);
        channel.note_unclaimed();
        ares_ssize_t count = 0;
        while (count == 0) count = recvfrom(descriptor, buffer, size, flags, from, from_size);
        if (count < 0) return count;
        const std::span octets(static_cast<std::uint8_t*>(buffer), size);
        return static_cast<ares_ssize_t>(channel.received(octets, static_cast<std::size_t>(count)));
    }
    // c-ares 1.18 knows no zones.
    static int connect_socket(ares_socket_t descriptor, const sockaddr* address,
                              ares_socklen_t size, void* self) {
        const auto interface = static_cast<Channel*>(self)->interface_;
        if (interface == 0 || size != sizeof(sockaddr_in6))
            return connect(descriptor, address, size);
        sockaddr_in6 zoned{};
        std::memcpy(&zoned, address, sizeof zoned);
        zoned.sin6_scope_id = interface;
        return connect(descriptor, reinterpret_cast<const sockaddr*>(&zoned), sizeof zoned);
    }
    static constexpr ares_socket_functions kSockets = {open_socket, close_socket, connect_socket,
                                                       receive, send_pieces};
};

Channel::Channel(const ChannelOptions& options, PacketSink& sink)
    : options_(options), sink_(sink), handle_(std::make_unique<Handle>()) {}

Channel::~Channel() = default;

Result<std::unique_ptr<Channel>> Channel::open(const ChannelOptions& options, PacketSink& sink) {
    static const Library library;
    if (auto ready = checked(library.status, "library"); !ready)
        return tl::unexpected(ready.error());
    std::unique_ptr<Channel> channel(new Channel(options, sink));
    if (auto started = channel->start(); !started) return tl::unexpected(started.error());
    return channel;
}

// Everything c-ares would look up in files is given here, servers and sort list included.
Status Channel::start() {
    interface_ = interface_of(options_.server);
    if (!options_.server.zone.empty() && interface_ == 0)
        return fail(Errc::unavailable, "no interface '" + options_.server.zone + "'");
    std::array<char, 2> lookups = {'b', '\0'};
    in_addr overwritten_below{};
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP | ARES_FLAG_STAYOPEN |
                    (options_.tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC);
    options.timeout = static_cast<int>(options_.timeout.count());
    options.tries = 1;
    options.ndots = 1;
    options.lookups = lookups.data();
    options.servers = &overwritten_below;
    options.nservers = 1;
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void* self, ares_socket_t descriptor, int readable, int writable) {
        static_cast<Channel*>(self)->watch(descriptor, readable != 0, writable != 0);
    };
    int set = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
              ARES_OPT_LOOKUPS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST |
              ARES_OPT_NOROTATE | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE // 1.31 and later answer from a cache of their own unless told not to
    options.qcache_max_ttl = 0;
    set |= ARES_OPT_QUERY_CACHE;
#endif
    if (auto made = checked(ares_init_options(&handle_->raw, &options, set), "channel"); !made)
        return made;
    ares_set_socket_functions(handle_->raw, &Handle::kSockets, this);
    auto node = server_node(options_.server);
    return checked(ares_set_servers_ports(handle_->raw, &node), "server");
}

void Channel::watch(int descriptor, bool readable, bool writable) const {
    epoll_event event{};
    event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    event.data.u64 =
        static_cast<std::uint64_t>(options_.tag) << 32U | static_cast<std::uint32_t>(descriptor);
    if (!readable && !writable)
        epoll_ctl(options_.epoll, EPOLL_CTL_DEL, descriptor, nullptr);
    else if (epoll_ctl(options_.epoll, EPOLL_CTL_MOD, descriptor, &event) != 0)
        epoll_ctl(options_.epoll, EPOLL_CTL_ADD, descriptor, &event);
}

void Channel::send(std::span<const std::uint8_t> query, Carried& carried) {
    carried.channel = this;
    in_flight_.add(carried, query);
    ++sent_;
    ares_send(
        handle_->raw, query.data(), static_cast<int>(query.size()),
        [](void* token, int status, int, unsigned char* packet, int size) {
            auto& arriving = *static_cast<Carried*>(token);
            const auto octets = packet == nullptr || size < 0 ? 0U : static_cast<std::size_t>(size);
            arriving.channel->deliver(arriving, status, std::span(packet, octets));
        },
        &carried);
}

// What c-ares is to see of a datagram that came into `buffer`: how many octets of it.
std::size_t Channel::received(std::span<std::uint8_t> buffer, std::size_t size) {
    datagram_ = buffer.first(size);
    shown_ = buffer.data();
    if (!lacks_question(datagram_)) return size;
    const auto* const asked = in_flight_.with_id(id_of(datagram_));
    if (asked == nullptr) return size;
    without_question_.assign(datagram_.begin(), datagram_.end());
    const auto written = write_with_question(without_question_, asked->query, buffer);
    if (written == 0) return size;
    datagram_ = without_question_;
    return written;
}

// c-ares has thrown away what it was shown last.
void Channel::note_unclaimed() {
    const auto datagram = std::exchange(datagram_, {});
    if (datagram.size() < 2) return;
    if (auto* const asked = in_flight_.with_id(id_of(datagram))) asked->met_nonsense = true;
}

void Channel::deliver(Carried& carried, int status, std::span<const std::uint8_t> packet) noexcept {
    if (status == ARES_EDESTRUCTION) return; // its owner may be gone
    in_flight_.remove(carried);
    if (!packet.empty() && packet.data() == shown_) packet = std::exchange(datagram_, {});
    const auto silence = carried.met_nonsense ? Delivery::nonsense : Delivery::timed_out;
    const auto delivery = !packet.empty()           ? Delivery::packet
                          : status == ARES_ETIMEOUT ? silence
                                                    : Delivery::unreachable;
    sink_.arrived(carried, delivery, packet);
}

void Channel::process(int descriptor, bool readable, bool writable) {
    ares_process_fd(handle_->raw, readable ? descriptor : ARES_SOCKET_BAD,
                    writable ? descriptor : ARES_SOCKET_BAD);
    note_unclaimed();
}

void Channel::expire() { ares_process_fd(handle_->raw, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

} // namespace sweepgate::dns
