// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/nftables/network.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace sweepgate::lab {

Namespace::Namespace(Namespace&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

Namespace& Namespace::operator=(Namespace&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
}

Namespace::~Namespace() {
    if (handle_ >= 0) close(handle_);
}

Result<Namespace> Namespace::create() {
    int handle = -1;
    int error = 0;
    std::thread([&] {
        if (unshare(CLONE_NEWNET) == 0)
            handle = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        error = errno;
    }).join();
    if (handle < 0) return fail(Errc::unavailable, "network namespace: " + errno_text(error));
    Namespace created(handle);
    if (auto ok = created.ip("link set lo up\n"); !ok) return tl::unexpected(ok.error());
    return created;
}

void Namespace::inside(const std::function<void()>& work) const {
    std::thread([&] {
        if (setns(handle_, CLONE_NEWNET) == 0) work();
    }).join();
}

Status Namespace::ip(const std::string& lines) const {
    int status = -1;
    inside([&] {
        auto* pipe = popen("ip -batch -", "w");
        if (pipe == nullptr) return;
        std::fputs(lines.c_str(), pipe);
        status = pclose(pipe);
    });
    if (status != 0) return fail(Errc::unavailable, "ip -batch failed for:\n" + lines);
    return {};
}

Result<std::string> Namespace::shell(const std::string& command) const {
    int status = -1;
    std::string output;
    inside([&] {
        auto* pipe = popen((command + " 2>&1").c_str(), "r");
        if (pipe == nullptr) return;
        std::array<char, 4096> chunk{};
        while (const auto size = std::fread(chunk.data(), 1, chunk.size(), pipe))
            output.append(chunk.data(), size);
        status = pclose(pipe);
    });
    if (status != 0) return fail(Errc::io, command + ": " + output);
    return output;
}

void Namespace::set(const std::string& key, const std::string& value) const {
    inside([&] { std::ofstream("/proc/sys/net/" + key) << value; });
}

std::string Namespace::path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(handle_);
}

namespace {

void open_up(const Namespace& router) {
    for (const auto* device : {"all", "default", "sgr0", "sgr1", "lo"}) {
        const auto v4 = std::string("ipv4/conf/") + device + "/";
        const auto v6 = std::string("ipv6/conf/") + device + "/";
        router.set(v4 + "forwarding", "1");
        router.set(v4 + "rp_filter", "0");
        router.set(v4 + "accept_local", "1");
        router.set(v4 + "route_localnet", "1");
        router.set(v4 + "send_redirects", "0");
        router.set(v4 + "accept_source_route", "1");
        router.set(v6 + "forwarding", "1");
        router.set(v6 + "accept_source_route", "1");
    }
    router.set("ipv4/icmp_ratelimit", "0");
    router.set("ipv4/icmp_msgs_per_sec", "1000000");
    router.set("ipv4/icmp_msgs_burst", "1000000");
    router.set("ipv6/icmp/ratelimit", "0");
}

} // namespace

Result<Network> Network::create() {
    auto client = Namespace::create();
    auto router = Namespace::create();
    auto sink = Namespace::create();
    for (const auto* made : {&client, &router, &sink})
        if (!*made) return tl::unexpected(made->error());
    const auto pair = [&](const std::string& far, const std::string& near, const Namespace& at) {
        return "link add " + near + " type veth peer name " + far + " netns " + at.path() + "\n";
    };
    open_up(*router); // defaults first, so that the devices start with them
    auto ok = router->ip(pair("sgc0", "sgr0", *client) + pair("sgs0", "sgr1", *sink) +
                         "link set sgr0 mtu 9000 address 02:00:00:00:01:01 up\n"
                         "link set sgr1 mtu 9000 address 02:00:00:00:02:01 up\n"
                         "addr add 100.127.255.250/30 dev sgr0\n"
                         "addr add 100.127.255.253/30 dev sgr1\n"
                         "addr add fd73:9:1::1/64 dev sgr0 nodad\n"
                         "addr add fd73:9:2::1/64 dev sgr1 nodad\n");
    if (ok)
        ok = client->ip("link set sgc0 mtu 9000 address 02:00:00:00:01:02 up\n"
                        "addr add 100.127.255.249/30 dev sgc0\n"
                        "addr add fd73:9:1::2/64 dev sgc0 nodad\n"
                        "neigh add 100.127.255.250 lladdr 02:00:00:00:01:01 dev sgc0\n"
                        "neigh add fd73:9:1::1 lladdr 02:00:00:00:01:01 dev sgc0\n"
                        "route add default via 100.127.255.250\n"
                        "route add ::/0 via fd73:9:1::1\n");
    if (ok)
        ok = sink->ip("link set sgs0 mtu 9000 address 02:00:00:00:02:02 up\n"
                      "addr add 100.127.255.254/30 dev sgs0\n"
                      "addr add fd73:9:2::2/64 dev sgs0 nodad\n"
                      "neigh add 100.127.255.253 lladdr 02:00:00:00:02:01 dev sgs0\n"
                      "neigh add fd73:9:2::1 lladdr 02:00:00:00:02:01 dev sgs0\n"
                      "route add default via 100.127.255.253\n"
                      "route add ::/0 via fd73:9:2::1\n");
    if (ok)
        ok = router->ip("neigh add 100.127.255.249 lladdr 02:00:00:00:01:02 dev sgr0\n"
                        "neigh add fd73:9:1::2 lladdr 02:00:00:00:01:02 dev sgr0\n"
                        "neigh add 100.127.255.254 lladdr 02:00:00:00:02:02 dev sgr1\n"
                        "neigh add fd73:9:2::2 lladdr 02:00:00:00:02:02 dev sgr1\n"
                        "route add default via 100.127.255.254\n"
                        "route add ::/0 via fd73:9:2::2\n");
    if (!ok) return tl::unexpected(ok.error());
    open_up(*router);
    return Network{std::move(*client), std::move(*router), std::move(*sink)};
}

} // namespace sweepgate::lab
