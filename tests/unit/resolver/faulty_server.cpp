// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/faulty_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/resolver/wire_text.hpp"

namespace sweepgate::test {

namespace {

constexpr int kManyAnswers = 4 << 20; // bytes of receive buffer: the server is not the bottleneck

int listen_on(const std::string& address, int type) {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_port = htons(53);
    inet_pton(AF_INET, address.c_str(), &local.sin_addr);
    const int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &kManyAnswers, sizeof kManyAnswers);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0 ||
        (type == SOCK_STREAM && listen(descriptor, 64) != 0)) {
        std::perror(address.c_str());
        std::abort();
    }
    return descriptor;
}

struct Query {
    std::uint16_t id = 0;
    std::string name; // as sent
    std::uint16_t type = 0;
    bool edns = false;
    Octets subnet; // payload of an ECS option

    [[nodiscard]] std::string lower() const {
        auto text = name;
        std::ranges::transform(text, text.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    }
};

std::optional<Query> read_query(std::span<const std::uint8_t> octets) {
    if (octets.size() < 17) return std::nullopt;
    Query query;
    query.id = static_cast<std::uint16_t>(octets[0] << 8U | octets[1]);
    query.edns = octets[11] != 0;
    std::size_t at = 12;
    while (octets[at] != 0) {
        const std::size_t length = octets[at];
        if (length > 63 || at + length + 6 > octets.size()) return std::nullopt;
        if (!query.name.empty()) query.name += '.';
        query.name.append(octets.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                          octets.begin() + static_cast<std::ptrdiff_t>(at + 1 + length));
        at += length + 1;
    }
    query.type = static_cast<std::uint16_t>(octets[at + 1] << 8U | octets[at + 2]);
    // The sweep sends OPT without options or with one: the subnet, 4 octets behind RDLENGTH.
    const auto subnet = octets.subspan(std::min(octets.size(), at + 5 + 11 + 4));
    query.subnet.assign(subnet.begin(), subnet.end());
    return query;
}

class Nameserver {
public:
    Nameserver(int udp, int tcp, Faults faults, FaultyServerCounts& counts)
        : udp_(udp), tcp_(tcp), faults_(faults), counts_(counts) {}

    [[noreturn]] void serve() {
        for (;;) {
            std::vector<pollfd> watched = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
            for (const auto& [descriptor, received] : connections_)
                watched.push_back({descriptor, POLLIN, 0});
            poll(watched.data(), watched.size(), -1);
            if (watched[0].revents != 0) serve_datagram();
            if (watched[1].revents != 0) accept_connection();
            for (std::size_t i = 2; i < watched.size(); ++i)
                if (watched[i].revents != 0) serve_stream(watched[i].fd);
        }
    }

private:
    struct Connection {
        Octets received;
        unsigned answered = 0;
    };

    void serve_datagram() {
        std::array<std::uint8_t, 2048> buffer{};
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* const peer = reinterpret_cast<sockaddr*>(&from);
        const auto count = recvfrom(udp_, buffer.data(), buffer.size(), 0, peer, &size);
        if (count <= 0) return;
        ++counts_.udp;
        ports_.insert(from.sin_port);
        counts_.ports = static_cast<unsigned>(ports_.size());
        const auto query = read_query(std::span(buffer).first(static_cast<std::size_t>(count)));
        if (!query || faults_.silent) return;
        count_traits(*query);
        const auto reply = answer_to(*query, false);
        if (!reply.empty()) sendto(udp_, reply.data(), reply.size(), 0, peer, size);
    }

    void count_traits(const Query& query) {
        if (query.edns) ++counts_.edns;
        if (query.name != query.lower()) ++counts_.mixed_case;
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
        std::array<std::uint8_t, 65536> buffer{};
        auto& connection = connections_[descriptor];
        const auto count = read(descriptor, buffer.data(), buffer.size());
        if (count <= 0) return hang_up(descriptor);
        auto& received = connection.received;
        received.insert(received.end(), buffer.begin(), buffer.begin() + count);
        while (received.size() >= 2) {
            const std::size_t size = received[0] * 256U + received[1];
            if (received.size() < size + 2) return;
            const auto query = read_query(std::span(received).subspan(2, size));
            received.erase(received.begin(),
                           received.begin() + static_cast<std::ptrdiff_t>(size) + 2);
            if (!query) return hang_up(descriptor);
            ++counts_.tcp;
            send_framed(descriptor, answer_to(*query, true));
            if (faults_.close_after != 0 && ++connection.answered == faults_.close_after)
                return hang_up(descriptor);
        }
    }

    void hang_up(int descriptor) {
        close(descriptor);
        connections_.erase(descriptor);
    }

    static void send_framed(int descriptor, const Octets& reply) {
        Octets framed;
        put_u16(framed, static_cast<unsigned>(reply.size()));
        framed.insert(framed.end(), reply.begin(), reply.end());
        for (std::size_t sent = 0; sent < framed.size();) {
            const auto count =
                ::send(descriptor, framed.data() + sent, framed.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return;
            sent += static_cast<std::size_t>(count);
        }
    }

    Octets answer_to(const Query& query, bool over_tcp) {
        const bool lower = faults_.lower_case || (faults_.spoofed_case && !over_tcp);
        const auto shown = lower ? query.lower() : query.name;
        const bool edns_unknown =
            query.edns && (faults_.refuse_edns || (faults_.formerr_once && !formerr_done_));
        if (edns_unknown) {
            formerr_done_ = true;
            return finished(query, {shown, static_cast<RrType>(query.type), 0x8181}, false);
        }
        if (faults_.servfail)
            return finished(query, {shown, static_cast<RrType>(query.type), 0x8182});
        if (faults_.truncate && !over_tcp)
            return finished(query, {shown, static_cast<RrType>(query.type), 0x8380});
        return truth(query, shown);
    }

    static unsigned last_octet(const Octets& subnet) { return subnet.empty() ? 1 : subnet.back(); }

    Octets truth(const Query& query, const std::string& shown) const {
        const auto lower = query.lower();
        const auto label = lower.substr(0, lower.find_first_of(".-"));
        const unsigned flags = label == "servfail"  ? 0x8182U
                               : label == "nx"      ? 0x8183U
                               : label == "blocked" ? 0x8183U
                               : label == "refused" ? 0x8185U
                                                    : 0x8180U;
        AnswerMessage reply(shown, static_cast<RrType>(query.type), flags);
        if (label == "drop") return {};
        if (label == "nodata" || label == "nx") reply.soa("test", 60, 60);
        if (label == "loop") reply.cname(shown, 60, shown);
        if (label == "foreign")
            reply.cname("other.test", 60, "v.test").a("v.test", 60, "192.0.2.66");
        if (flags == 0x8180 && label != "nodata" && label != "loop" && label != "foreign")
            reply.a(shown, 60, "198.18.0." + std::to_string(last_octet(query.subnet)));
        if (label == "blocked") reply.extended_error(15);
        return finished(query, std::move(reply));
    }

    [[nodiscard]] Octets finished(const Query& query, AnswerMessage reply,
                                  bool may_edns = true) const {
        if (!query.subnet.empty() && !faults_.no_subnet) {
            auto subnet = query.subnet;
            subnet[3] = subnet[2];
            if (faults_.other_subnet) subnet.back() ^= 1U;
            reply.option(8, subnet);
        }
        if (query.edns && may_edns && !faults_.refuse_edns) reply.opt();
        auto octets = reply.octets();
        octets[0] = static_cast<std::uint8_t>(query.id >> 8U);
        octets[1] = static_cast<std::uint8_t>(query.id);
        return octets;
    }

    int udp_;
    int tcp_;
    Faults faults_;
    FaultyServerCounts& counts_;
    bool formerr_done_ = false;
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
