// SPDX-License-Identifier: Apache-2.0
// Real sockets through the gate: nothing leaks at a switch, open connections are cut, refusals
// reach the client, and the box keeps its own management.
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/nftables/made_snapshot.hpp"
#include "tests/lab/nftables/nft_lab.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::lab;

namespace {

constexpr const char* kServer = "203.0.113.9";
constexpr std::uint16_t kPort = 5190;

sockaddr_in at(const char* address, std::uint16_t port) {
    sockaddr_in socket_address{};
    socket_address.sin_family = AF_INET;
    socket_address.sin_port = htons(port);
    inet_pton(AF_INET, address, &socket_address.sin_addr);
    return socket_address;
}

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int handle = -1) : handle_(handle) {}
    Descriptor(Descriptor&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Descriptor() {
        if (handle_ >= 0) close(handle_);
    }
    [[nodiscard]] int get() const { return handle_; }

private:
    int handle_;
};

/// A bound socket at the server's address in the sink; TCP ones listen.
Descriptor serve(const Network& network, int type) {
    Descriptor server;
    network.sink.inside([&] {
        server = Descriptor(socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto address = at(kServer, kPort);
        bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        if (type == SOCK_STREAM) listen(server.get(), 16);
    });
    return server;
}

/// 0 when connected within `patience_ms`, else the errno (ETIMEDOUT when nothing came).
int connect_from(const Namespace& space, Descriptor& client, const char* to, int patience_ms) {
    int result = ENETDOWN;
    space.inside([&] {
        client = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto address = at(to, kPort);
        if (connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) <
                0 &&
            errno != EINPROGRESS) {
            result = errno; // a refusal can be back before the call returns
            return;
        }
        pollfd ready{client.get(), POLLOUT, 0};
        if (poll(&ready, 1, patience_ms) == 0) {
            result = ETIMEDOUT;
            return;
        }
        socklen_t size = sizeof result;
        getsockopt(client.get(), SOL_SOCKET, SO_ERROR, &result, &size);
    });
    return result;
}

bool arrives(int from, int to) {
    std::array<char, 64> drain{};
    while (recv(to, drain.data(), drain.size(), MSG_DONTWAIT) > 0) {
    }
    if (send(from, "x", 1, MSG_NOSIGNAL) != 1) return false;
    pollfd ready{to, POLLIN, 0};
    return poll(&ready, 1, 500) > 0 && recv(to, drain.data(), drain.size(), MSG_DONTWAIT) == 1;
}

/// Sends datagrams to the server as fast as it can until told to stop.
class Flood {
public:
    explicit Flood(const Network& network) {
        network.client.inside([&] {
            socket_ = Descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
            const auto address = at(kServer, kPort);
            connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        });
        thread_ = std::thread([this] { run(); });
    }
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;
    ~Flood() { stop(); }

    std::uint64_t stop() {
        stopped_ = true;
        if (thread_.joinable()) thread_.join();
        return sent_;
    }
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

private:
    void run() {
        std::array<char, 18> payload{};
        iovec part{payload.data(), payload.size()};
        std::array<mmsghdr, 64> burst{};
        for (auto& message : burst) {
            message.msg_hdr.msg_iov = &part;
            message.msg_hdr.msg_iovlen = 1;
        }
        while (!stopped_) {
            const int count = sendmmsg(socket_.get(), burst.data(), burst.size(), 0);
            if (count > 0) sent_ += static_cast<std::uint64_t>(count);
        }
    }

    Descriptor socket_;
    std::atomic<bool> stopped_{false};
    std::atomic<std::uint64_t> sent_{0};
    std::thread thread_;
};

std::uint64_t received_by(const Descriptor& server) {
    std::array<char, 64> drain{};
    std::uint64_t count = 0;
    while (recv(server.get(), drain.data(), drain.size(), MSG_DONTWAIT) >= 0) ++count;
    return count;
}

NftLab created_with_server() {
    auto lab = NftLab::create();
    if (!lab) FAIL(lab.error().what.c_str());
    // The link addresses are management, never judged: client and router speak with others.
    const auto& network = lab->network();
    for (const auto& ok :
         {network.sink.ip("addr add 203.0.113.9/32 dev lo\n"),
          network.client.ip("addr add 192.0.2.1/32 dev lo\n"
                            "route replace default via 100.127.255.250 src 192.0.2.1\n"),
          network.router.ip("addr add 192.0.2.65/32 dev lo\n"
                            "route add 192.0.2.1/32 via 100.127.255.249\n"
                            "route replace default via 100.127.255.254 src 192.0.2.65\n")})
        if (!ok) FAIL(ok.error().what.c_str());
    return std::move(*lab);
}

} // namespace

TEST_GROUP(Traffic) {
    NftLab lab = created_with_server();

    void apply(const Snapshot& snapshot) {
        if (const auto ok = lab.apply(snapshot); !ok) FAIL(ok.error().what.c_str());
    }
    Snapshot listing(const char* prefix, SystemIndex system, Generation generation) {
        auto parts = three_systems();
        list(parts, prefix, system);
        return made(parts, generation);
    }
};

TEST(Traffic, NeverLeaksWhileGenerationsAreSwitched) {
    constexpr unsigned kSwitches = 60;
    constexpr std::uint64_t kPackets = 200'000;
    const auto server = serve(lab.network(), SOCK_DGRAM);
    auto parts = three_systems();
    list(parts, kServer, 0);
    list(parts, "198.51.100.0/24", 1);
    list_many(parts, 2000);
    const auto one = made(parts, 1);
    list_many(parts, 3000);
    list(parts, "203.0.113.8/31", 0); // the server moves from the hosts to the ranges and back
    const auto other = made(parts, 2);

    Flood flood(lab.network());
    while (flood.sent() < 100) std::this_thread::yield();
    apply(one);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_TRUE(received_by(server) > 0); // before the first generation it all passed
    const auto before = flood.sent();
    unsigned switches = 0;
    for (Generation generation = 2; switches < kSwitches || flood.sent() - before < kPackets;
         ++generation, ++switches) {
        auto next = generation % 2 == 0 ? other : one;
        next.generation = generation;
        apply(next);
    }
    const auto sent = flood.stop() - before;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto leaked = received_by(server);
    std::printf("\n%llu of %llu packets leaked over %u generations",
                static_cast<unsigned long long>(leaked), static_cast<unsigned long long>(sent),
                switches);
    CHECK_EQUAL(0U, leaked);
}

TEST(Traffic, CutsAnEstablishedConnection) {
    const auto server = serve(lab.network(), SOCK_STREAM);
    apply(listing("198.51.100.0/24", 0, 1));
    Descriptor client;
    CHECK_EQUAL(0, connect_from(lab.network().client, client, kServer, 2000));
    const Descriptor session(accept4(server.get(), nullptr, nullptr, SOCK_NONBLOCK));
    CHECK_TRUE(arrives(client.get(), session.get()));
    CHECK_TRUE(arrives(session.get(), client.get()));

    apply(listing(kServer, 0, 2));
    CHECK_FALSE(arrives(client.get(), session.get()));
    CHECK_FALSE(arrives(session.get(), client.get()));
    CHECK_EQUAL(ETIMEDOUT, connect_from(lab.network().client, client, kServer, 300));
}

TEST(Traffic, TellsARejectedClientAtOnce) {
    const auto server = serve(lab.network(), SOCK_STREAM);
    apply(listing(kServer, 2, 1));
    Descriptor client;
    CHECK_EQUAL(ECONNREFUSED, connect_from(lab.network().client, client, kServer, 2000));
    const auto counters = lab.gate().counters();
    CHECK_EQUAL(1U, counters->size());
    CHECK_EQUAL(1U, counters->front().rejected); // its reset was not judged again
}

TEST(Traffic, OfTheBoxItselfIsJudgedButNotItsManagement) {
    const auto server = serve(lab.network(), SOCK_STREAM);
    apply(listing("198.51.100.0/24", 0, 1));
    Descriptor client;
    CHECK_EQUAL(0, connect_from(lab.network().router, client, kServer, 2000));
    auto parts = three_systems();
    list(parts, kServer, 0);
    list(parts, "100.127.255.0/24", 0); // covers the management prefix of the lab
    apply(made(parts, 2));
    CHECK_EQUAL(ETIMEDOUT, connect_from(lab.network().router, client, kServer, 300));
    // Nothing listens there: a refusal that comes back from the sink proves both directions.
    CHECK_EQUAL(ECONNREFUSED, connect_from(lab.network().router, client, "100.127.255.254", 2000));
}
