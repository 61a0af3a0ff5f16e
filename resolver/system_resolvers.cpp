// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <sstream>

#include "resolver/sweep.hpp"

namespace sweepgate {

namespace {

constexpr std::streamsize kMostOctets = 64 * 1024;
constexpr std::size_t kMostServers = 32;

std::string read_beginning(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(kMostOctets), '\0');
    file.read(text.data(), kMostOctets);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

} // namespace

// A zone index ("fe80::1%eth0") is no plain address and is passed over like any other bad one.
std::vector<std::string> system_resolvers(const std::string& path) {
    std::vector<std::string> servers;
    std::istringstream text(read_beginning(path));
    for (std::string line; std::getline(text, line) && servers.size() < kMostServers;) {
        std::istringstream words(line);
        std::string keyword;
        std::string server;
        if (!(words >> keyword >> server) || keyword != "nameserver") continue;
        const auto address = parse_address(server);
        if (!address) continue;
        auto canonical = to_string(*address);
        if (std::ranges::find(servers, canonical) == servers.end())
            servers.push_back(std::move(canonical));
    }
    return servers;
}

} // namespace sweepgate
