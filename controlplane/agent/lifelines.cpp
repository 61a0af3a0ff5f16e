// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/lifelines.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "controlplane/model/regular_file.hpp"

namespace sweepgate::agent {

namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 10U;

std::string start_of(const char* path) {
    return read_regular_file(path, kMaxFile).value_or(std::string{});
}

void add_host(std::string_view text, std::vector<Prefix>& hosts) {
    const auto address = parse_address(text.substr(0, text.find('%'))); // without a scope
    if (address) hosts.push_back(host(*address));
}

} // namespace

std::vector<Prefix> nameservers_in(std::string_view text) {
    std::vector<Prefix> hosts;
    std::istringstream lines{std::string(text)};
    for (std::string line; hosts.size() < kMaxNameservers && std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        std::string value;
        if (words >> key >> value && key == "nameserver") add_host(value, hosts);
    }
    return hosts;
}

std::vector<Prefix> hosts_in(std::span<const std::string> endpoints) {
    constexpr std::string_view kTcp = "tcp://";
    std::vector<Prefix> hosts;
    for (std::string_view rest : endpoints) {
        if (!rest.starts_with(kTcp)) continue;
        rest.remove_prefix(kTcp.size());
        if (const auto source = rest.find(';'); source != std::string_view::npos)
            rest.remove_prefix(source + 1);
        rest = rest.substr(0, rest.rfind(':'));
        if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
        add_host(rest, hosts);
    }
    return hosts;
}

std::vector<Prefix> lifelines(const Config& config) {
    auto all = config.management;
    const std::array endpoints{config.upstream.updates, config.upstream.requests};
    const auto add = [&](const std::vector<Prefix>& hosts) {
        all.insert(all.end(), hosts.begin(), hosts.end());
    };
    add(hosts_in(endpoints));
    for (const auto* path : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"})
        add(nameservers_in(start_of(path)));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace sweepgate::agent
