// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/faulty_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <set>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resolver/endpoint.hpp"
#include "tests/unit/resolver/faulty_answers.hpp"

namespace sweepgate::test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kManyAnswers = 4 << 20; // bytes of receive buffer: the server is not the bottleneck
constexpr int kDatagramsAtATime = 64;

struct Peer {
    sockaddr_storage address{};
    socklen_t size = sizeof address;

    [[nodiscard]] const sockaddr* raw() const {
        return reinterpret_cast<const sockaddr*>(&address);
    }
    [[nodiscard]] std::uint16_t port() const { // at the same place in both families
        return reinterpret_cast<const sockaddr_in*>(&address)->sin_port;
    }
};

Peer at_port_53(const std::string& text) {
    const auto endpoint = dns::parse_endpoint(text).value();
    const auto bytes = to_bytes(endpoint.address);
    Peer peer;
    if (endpoint.address.family == Family::ipv4) {
        auto& local = reinterpret_cast<sockaddr_in&>(peer.address);
        local.sin_family = AF_INET;
        local.sin_port = htons(endpoint.port);
        std::memcpy(&local.sin_addr, bytes.data(), 4);
        peer.size = sizeof local;
    } else {
        auto& local = reinterpret_cast<sockaddr_in6&>(peer.address);
        local.sin6_family = AF_INET6;
        local.sin6_port = htons(endpoint.port);
        local.sin6_scope_id = dns::interface_of(endpoint);
        std::memcpy(&local.sin6_addr, bytes.data(), bytes.size());
        peer.size = sizeof local;
    }
    return peer;
}

int listen_on(const std::string& address, int type) {
    const auto local = at_port_53(address);
    const int descriptor = socket(local.address.ss_family, type | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &kManyAnswers, sizeof kManyAnswers);
    if (bind(descriptor, local.raw(), local.size) != 0 ||
        (type == SOCK_STREAM && listen(descriptor, 64) != 0)) {
        std::perror(address.c_str());
        std::abort();
    }
    return descriptor;
}

class Nameserver {
public:
    Nameserver(int udp, int tcp, const Faults& faults, FaultyServerCounts& counts)
        : udp_(udp), tcp_(tcp), faults_(faults), counts_(counts), answers_(faults, counts) {}

    [[noreturn]] void serve() {
        for (;;) {
            std::vector<pollfd> watched = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
            for (const auto& [descriptor, connection] : connections_)
                watched.push_back({descriptor, POLLIN, 0});
            const auto wait = until_next();
            ppoll(watched.data(), watched.size(), delayed_.empty() ? nullptr : &wait, nullptr);
            if (watched[0].revents != 0)
                for (int i = 0; i < kDatagramsAtATime && serve_datagram(); ++i) {
                }
            if (watched[1].revents != 0) accept_connection();
            for (std::size_t i = 2; i < watched.size(); ++i)
                if (watched[i].revents != 0) serve_stream(watched[i].fd);
            send_what_is_due();
        }
    }

private:
    struct Connection {
        Octets received;
        unsigned answered = 0;
    };
    struct Delayed {
        Clock::time_point due;
        int descriptor = -1;
        Peer to; // over UDP
        Octets reply;
    };

    bool serve_datagram() {
        std::array<std::uint8_t, 2048> buffer; // NOLINT: as much as was received is read
        Peer from;
        const auto count = recvfrom(udp_, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&from.address), &from.size);
        if (count <= 0) return false;
        ++counts_.udp;
        ports_.insert(from.port());
        counts_.ports = static_cast<unsigned>(ports_.size());
        const auto query = std::span(buffer).first(static_cast<std::size_t>(count));
        const bool over_rate = !take_token();
        if (over_rate) ++counts_.above_rate;
        auto reply = answers_.to(query, false, over_rate);
        if (faults_.edns == EdnsFault::empty && reply.empty())
            sendto(udp_, "", 0, 0, from.raw(), from.size);
        if (reply.empty()) return true;
        if (faults_.forged_ids) {
            auto forged = reply;
            forged[0] ^= 0x55;
            delayed_.push_back({Clock::now() + faults_.delay, udp_, from, std::move(forged)});
        }
        delayed_.push_back({Clock::now() + faults_.delay, udp_, from, std::move(reply)});
        return true;
    }

    bool take_token() {
        if (faults_.most_per_second == 0) return true;
        const auto now = Clock::now();
        const std::chrono::duration<double> passed = now - filled_;
        filled_ = now;
        tokens_ = std::min(faults_.most_per_second * 0.1,
                           tokens_ + passed.count() * faults_.most_per_second);
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

    void accept_connection() {
        const int descriptor = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0) return;
        ++counts_.connections;
        if (faults_.no_tcp || faults_.silent)
            close(descriptor);
        else
            connections_[descriptor];
    }

    void serve_stream(int descriptor) {
        std::array<std::uint8_t, 65536> buffer; // NOLINT: as much as was received is read
        auto& connection = connections_[descriptor];
        const auto count = read(descriptor, buffer.data(), buffer.size());
        if (count <= 0) return hang_up(descriptor);
        auto& received = connection.received;
        received.insert(received.end(), buffer.begin(), buffer.begin() + count);
        std::size_t at = 0;
        while (received.size() - at >= 2) {
            const std::size_t size = received[at] * 256U + received[at + 1];
            if (received.size() - at < size + 2) break;
            ++counts_.tcp;
            const auto reply = answers_.to(std::span(received).subspan(at + 2, size), true, false);
            at += size + 2;
            if (!reply.empty()) send_framed(descriptor, reply);
            if (faults_.close_after != 0 && ++connection.answered == faults_.close_after)
                return hang_up(descriptor);
        }
        received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(at));
    }

    void hang_up(int descriptor) {
        close(descriptor);
        connections_.erase(descriptor);
        std::erase_if(delayed_, [&](const Delayed& one) { return one.descriptor == descriptor; });
    }

    void send_framed(int descriptor, const Octets& reply) {
        Octets framed;
        put_u16(framed, static_cast<unsigned>(reply.size()));
        framed.insert(framed.end(), reply.begin(), reply.end());
        if (faults_.delay.count() == 0) return send_all(descriptor, framed);
        delayed_.push_back({Clock::now() + faults_.delay, descriptor, {}, std::move(framed)});
    }

    static void send_all(int descriptor, const Octets& octets) {
        for (std::size_t sent = 0; sent < octets.size();) {
            const auto count =
                ::send(descriptor, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return;
            sent += static_cast<std::size_t>(count);
        }
    }

    void send_what_is_due() {
        for (const auto now = Clock::now(); !delayed_.empty() && delayed_.front().due <= now;
             delayed_.pop_front()) {
            const auto& [due, descriptor, to, reply] = delayed_.front();
            if (descriptor == udp_)
                sendto(udp_, reply.data(), reply.size(), 0, to.raw(), to.size);
            else
                send_all(descriptor, reply);
        }
    }

    [[nodiscard]] timespec until_next() const {
        if (delayed_.empty()) return {};
        const auto wait = std::max(Clock::duration::zero(), delayed_.front().due - Clock::now());
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wait).count();
        return {ns / 1'000'000'000, ns % 1'000'000'000};
    }

    int udp_;
    int tcp_;
    const Faults& faults_;
    FaultyServerCounts& counts_;
    FaultyAnswers answers_;
    double tokens_ = 0;
    Clock::time_point filled_;
    std::deque<Delayed> delayed_; // all wait equally long, so they are in order
    std::set<std::uint16_t> ports_;
    std::map<int, Connection> connections_;
};

} // namespace

FaultyServer::FaultyServer(const std::string& address, Faults faults) {
    void* const shared = mmap(nullptr, sizeof(FaultyServerCounts), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) std::abort();
    counts_ = new (shared) FaultyServerCounts;
    const int udp = listen_on(address, SOCK_DGRAM);
    const int tcp = listen_on(address, SOCK_STREAM);
    child_ = fork();
    if (child_ < 0) std::abort();
    if (child_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        Nameserver(udp, tcp, faults, *counts_).serve();
    }
    close(udp);
    close(tcp);
}

FaultyServer::~FaultyServer() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    munmap(counts_, sizeof(FaultyServerCounts));
}

} // namespace sweepgate::test
