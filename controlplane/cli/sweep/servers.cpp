// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/servers.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>

#include "controlplane/model/name.hpp"
#include "resolver/endpoint.hpp"
#include "resolver/system_resolvers.hpp"

namespace sweepgate::cli {

namespace {

struct AddressesFree {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

void add(std::vector<std::string>& servers, const dns::Endpoint& endpoint) {
    auto text = to_string(endpoint);
    if (std::ranges::find(servers, text) == servers.end()) servers.push_back(std::move(text));
}

Status look_up(const std::string& name, std::uint16_t port, std::vector<std::string>& servers) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* raw = nullptr;
    const int fault = getaddrinfo(name.c_str(), nullptr, &wanted, &raw);
    const std::unique_ptr<addrinfo, AddressesFree> list(raw);
    if (fault != 0) return fail(Errc::unavailable, "server '" + name + "': " + gai_strerror(fault));
    for (const auto* each = list.get(); each != nullptr; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        if (const auto endpoint = dns::parse_endpoint("[" + std::string(text.data()) + "]", port))
            add(servers, *endpoint);
    }
    if (servers.empty()) return fail(Errc::unavailable, "server '" + name + "': no usable address");
    return {};
}

// "dns.example" or "dns.example:5353"; the port is read by the one reader of servers.
Status add_named(const std::string& server, std::uint16_t port, std::vector<std::string>& servers) {
    const auto endpoint = dns::parse_endpoint(server, port);
    if (endpoint) {
        add(servers, *endpoint);
        return {};
    }
    const auto colon = std::min(server.find(':'), server.size());
    const auto name = canonical_name(std::string_view(server).substr(0, colon));
    const bool is_name = name && std::ranges::any_of(*name, [](char c) { return c > '9'; });
    if (!is_name) return tl::unexpected(endpoint.error());
    if (colon != server.size()) {
        const auto at_port = dns::parse_endpoint("0.0.0.0" + server.substr(colon));
        if (!at_port) return tl::unexpected(endpoint.error());
        port = at_port->port;
    }
    return look_up(*name, port, servers);
}

} // namespace

Result<SweepServers> servers_of(const SweepCommand& command) {
    auto named = command.servers;
    for (const auto& word : command.words)
        if (word.starts_with('@')) named.push_back(word.substr(1));
    SweepServers found;
    if (named.empty()) {
        auto system = system_resolvers();
        named = std::move(system.servers);
        found.told = std::move(system.told);
    }
    for (const auto& server : named)
        if (auto added = add_named(server, command.port, found.servers); !added)
            return tl::unexpected(added.error());
    return found;
}

} // namespace sweepgate::cli
