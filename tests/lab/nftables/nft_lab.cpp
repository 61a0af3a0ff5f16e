// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/nftables/nft_lab.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sweepgate::lab {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 12> kMacs{2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2};
constexpr std::size_t kEthernet = 14;
constexpr std::size_t kMaxPacket = 9000;
constexpr int kReceiveBuffer = 64 << 20;
constexpr int kPatienceMs = 300; // a marker takes microseconds; a busy machine some more
// Backlogs belong to CPUs, not to namespaces: somebody else's flood can crowd out our packets.
constexpr int kTries = 10;
constexpr int kLinkTries = 60; // the kernel activates a new link within seconds, not at once
constexpr std::uint16_t kMarkerPort = 9; // RFC 863, discard

void put16(Bytes& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8U);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

/// UDP from the client to the sink with a number as payload; no UDP checksum (RFC 768).
Bytes marker(std::uint32_t number) {
    Bytes ip{0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 100, 127, 255, 249, 100, 127, 255, 254};
    ip.resize(32);
    put16(ip, 20, kMarkerPort);
    put16(ip, 22, kMarkerPort);
    put16(ip, 24, 12);
    std::memcpy(&ip[28], &number, sizeof number);
    unsigned sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += (unsigned{ip[i]} << 8U) + ip[i + 1];
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    put16(ip, 10, ~sum);
    return ip;
}

/// What forwarding changes: TTL and header checksum, or the hop limit.
Bytes without_hops(std::span<const std::uint8_t> packet) {
    Bytes bytes(packet.begin(), packet.end());
    if (bytes.size() >= 20 && bytes[0] >> 4U == 4) bytes[8] = bytes[10] = bytes[11] = 0;
    if (bytes.size() >= 40 && bytes[0] >> 4U == 6) bytes[7] = 0;
    return bytes;
}

/// Forwarding cuts what lies behind the IP packet and pads nothing: compare the common part.
bool is_same(const Bytes& sent, const Bytes& arrived) {
    const auto size = std::min(sent.size(), arrived.size());
    return size >= 20 && std::equal(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(size),
                                    arrived.begin());
}

int open_packet_socket(const char* device) {
    const int handle = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle < 0) return -1;
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(device));
    setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer);
    if (bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return handle;
    close(handle);
    return -1;
}

} // namespace

/// Keeps the thread on its CPU: packets sent from one CPU are forwarded in their order, so the
/// marker cannot overtake.
class OneCpu {
public:
    OneCpu() {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
        sched_setaffinity(0, sizeof here, &here);
    }
    OneCpu(const OneCpu&) = delete;
    OneCpu& operator=(const OneCpu&) = delete;
    ~OneCpu() { sched_setaffinity(0, sizeof before_, &before_); }

private:
    cpu_set_t before_{};
};

/// The client's and the sink's ends.
class NftLab::Wire {
public:
    explicit Wire(const Network& network) {
        network.client.inside([&] { client_ = open_packet_socket("sgc0"); });
        network.sink.inside([&] { sink_ = open_packet_socket("sgs0"); });
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() {
        if (client_ >= 0) close(client_);
        if (sink_ >= 0) close(sink_);
    }

    [[nodiscard]] bool is_open() const { return client_ >= 0 && sink_ >= 0; }

    /// How many of `count` copies reached the sink.
    Result<std::uint64_t> carry(std::span<const std::uint8_t> packet, std::uint64_t count = 1) {
        const OneCpu pinned;
        const auto number = ++marker_;
        for (auto left = count; left > 0; --left)
            if (auto ok = send(packet); !ok) return tl::unexpected(ok.error());
        if (auto ok = send(marker(number)); !ok) return tl::unexpected(ok.error());
        const auto sent = without_hops(packet);
        const auto last = without_hops(marker(number));
        std::uint64_t arrived = 0;
        for (;;) {
            const auto got = receive();
            if (!got) return tl::unexpected(got.error());
            if (is_same(last, *got)) return arrived;
            if (is_same(sent, *got)) ++arrived;
        }
    }

private:
    Status send(std::span<const std::uint8_t> packet) const {
        Bytes frame(kMacs.begin(), kMacs.end());
        const bool is_ipv6 = !packet.empty() && packet[0] >> 4U == 6;
        frame.push_back(is_ipv6 ? 0x86 : 0x08);
        frame.push_back(is_ipv6 ? 0xDD : 0x00);
        frame.insert(frame.end(), packet.begin(), packet.end());
        if (::send(client_, frame.data(), frame.size(), 0) < 0)
            return fail(Errc::io, "client: " + errno_text(errno));
        return {};
    }

    Result<Bytes> receive() const {
        std::array<std::uint8_t, kEthernet + kMaxPacket> frame{};
        for (;;) {
            const auto size = recv(sink_, frame.data(), frame.size(), 0);
            if (size >= static_cast<ssize_t>(kEthernet))
                return without_hops(
                    {frame.data() + kEthernet, static_cast<std::size_t>(size) - kEthernet});
            if (size >= 0 || errno == EINTR) continue;
            if (errno != EAGAIN) return fail(Errc::io, "sink: " + errno_text(errno));
            pollfd ready{sink_, POLLIN, 0};
            if (poll(&ready, 1, kPatienceMs) == 0)
                return fail(Errc::unavailable, "the marker packet did not reach the sink");
        }
    }

    int client_ = -1;
    int sink_ = -1;
    std::uint32_t marker_ = 0;
};

namespace {

Result<nftables::Gate> open_gate(const Network& network, const nftables::GateOptions& options) {
    std::optional<Result<nftables::Gate>> gate;
    network.router.inside([&] { gate = nftables::Gate::open(options); });
    if (!gate) return fail(Errc::unavailable, "the router's namespace cannot be entered");
    return std::move(*gate);
}

} // namespace

NftLab::NftLab(std::unique_ptr<Network> network, std::unique_ptr<Wire> wire,
               nftables::GateOptions options, nftables::Gate gate)
    : network_(std::move(network)), wire_(std::move(wire)), options_(std::move(options)),
      gate_(std::move(gate)) {}
NftLab::NftLab(NftLab&&) noexcept = default;
NftLab& NftLab::operator=(NftLab&&) noexcept = default;
NftLab::~NftLab() = default;

Network& NftLab::network() { return *network_; }
nftables::Gate& NftLab::gate() { return gate_; }

Result<NftLab> NftLab::create(std::function<CivilTimes()> civil_times) {
    auto made = Network::create();
    if (!made) return tl::unexpected(made.error());
    auto network = std::make_unique<Network>(std::move(*made));
    auto wire = std::make_unique<Wire>(*network);
    if (!wire->is_open()) return fail(Errc::unavailable, "no packet sockets in the lab");
    auto ready = wire->carry(marker(0));
    for (int tries = 1; !ready && tries < kLinkTries; ++tries) ready = wire->carry(marker(0));
    if (!ready) return tl::unexpected(ready.error());
    nftables::GateOptions options;
    // The links' own addresses, and what the router's kernel says on them unasked for seconds after
    // they came up (neighbour discovery, multicast reports): counted, it would be a packet too
    // many.
    options.management = {*parse_prefix("100.127.255.248/29"), *parse_prefix("fd73:9::/32"),
                          *parse_prefix("fe80::/10"), *parse_prefix("ff02::/16")};
    options.civil_times = std::move(civil_times);
    auto gate = open_gate(*network, options);
    if (!gate) return tl::unexpected(gate.error());
    return NftLab(std::move(network), std::move(wire), std::move(options), std::move(*gate));
}

Status NftLab::reopen() {
    auto gate = open_gate(*network_, options_);
    if (!gate) return tl::unexpected(gate.error());
    gate_ = std::move(*gate);
    return {};
}

Status NftLab::apply(const Snapshot& snapshot) {
    if (auto applied = gate_.apply(snapshot); !applied) return tl::unexpected(applied.error());
    auto counters = gate_.counters();
    if (!counters) return tl::unexpected(counters.error());
    before_ = std::move(*counters);
    return {};
}

namespace {

/// The one step by which the counters moved. Two steps for one packet are an error of the gate.
Result<Fate> step_between(const std::vector<SystemCounter>& before,
                          const std::vector<SystemCounter>& after) {
    Fate fate;
    std::uint64_t steps = 0;
    for (const auto& now : after) {
        const auto old = std::find_if(before.begin(), before.end(), [&](const SystemCounter& c) {
            return c.system == now.system;
        });
        const auto base = old == before.end() ? SystemCounter{} : *old;
        const auto look = [&](Action action, std::uint64_t from, std::uint64_t to) {
            steps += to - from;
            if (to != from) fate = {action, now.system, true};
        };
        look(Action::drop, base.dropped, now.dropped);
        look(Action::reject, base.rejected, now.rejected);
        look(Action::monitor, base.monitored, now.monitored);
        look(Action::limit, base.limited + base.within, now.limited + now.within);
    }
    if (steps > 1)
        return fail(Errc::io, "one packet was counted " + std::to_string(steps) + " times");
    return fate;
}

} // namespace

Result<Fate> NftLab::fate_of(std::span<const std::uint8_t> packet) {
    if (packet.empty() || packet.size() > kMaxPacket)
        return fail(Errc::bad_input, "a packet of " + std::to_string(packet.size()) + " bytes");
    Result<Fate> fate;
    for (int tries = 0, discards = 0; tries < kTries && discards < 2; ++tries) {
        fate = try_packet(packet);
        if (fate && fate->forwarded) return fate;
        if (fate) ++discards; // believed when seen twice
        if (!fate && fate.error().code != Errc::unavailable) return fate;
    }
    return fate;
}

Result<Fate> NftLab::try_packet(std::span<const std::uint8_t> packet) {
    const auto arrived = wire_->carry(packet);
    auto counters = gate_.counters();
    if (!counters) return tl::unexpected(counters.error());
    if (!arrived) { // what a lost try has counted belongs to no packet
        before_ = std::move(*counters);
        return tl::unexpected(arrived.error());
    }
    auto fate = step_between(before_, *counters);
    before_ = std::move(*counters);
    if (!fate) return fate;
    if (*arrived > 0 && is_terminal(fate->action))
        return fail(Errc::io, "a packet was counted as " + std::string(to_string(fate->action)) +
                                  " and arrived");
    fate->forwarded = *arrived > 0 || is_terminal(fate->action);
    return fate;
}

Result<std::vector<Action>>
NftLab::judge(const std::vector<std::vector<std::uint8_t>>& ip_packets) {
    std::vector<Action> actions;
    actions.reserve(ip_packets.size());
    for (const auto& packet : ip_packets) {
        const auto fate = fate_of(packet);
        if (!fate) return within("packet " + std::to_string(actions.size()), fate.error());
        actions.push_back(fate->action);
    }
    return actions;
}

Result<std::uint64_t> NftLab::flood(std::span<const std::uint8_t> packet, std::uint64_t count) {
    return wire_->carry(packet, count);
}

} // namespace sweepgate::lab
