// SPDX-License-Identifier: Apache-2.0
#include "resolver/system_resolvers.hpp"

#include <algorithm>
#include <sstream>

#include "controlplane/model/regular_file.hpp"
#include "resolver/endpoint.hpp"

namespace sweepgate {

namespace {

constexpr std::size_t kMostOctets = std::size_t{64} << 10U;
constexpr std::size_t kMostRead = std::size_t{1} << 20U;
constexpr std::size_t kMostServers = 32;
constexpr std::size_t kMostTold = 32;

std::string printable(std::string_view text, std::size_t most = 80) {
    std::string shown(text.substr(0, most));
    std::ranges::replace_if(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return shown;
}

// In the form in which a server is named everywhere, without the port that is everybody's.
std::string shown(const dns::Endpoint& endpoint) {
    auto text = to_string(endpoint.address);
    return endpoint.zone.empty() ? text : text + "%" + endpoint.zone;
}

class Reader {
public:
    explicit Reader(std::string path) : path_(std::move(path)) {}

    SystemResolvers read() {
        auto read = read_regular_file(path_, kMostRead);
        if (!read) {
            tell(read.error().what.substr(path_.size() + 2)); // which tell() puts in front
            return std::move(found_);
        }
        auto text = std::move(*read);
        const bool is_long = text.size() > kMostOctets;
        text.resize(std::min(text.size(), kMostOctets));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            ++number_;
            add(line);
        }
        if (is_long) tell("longer than 64 KiB; what stands behind is not read");
        return std::move(found_);
    }

private:
    void add(const std::string& line) {
        std::istringstream words(line);
        std::string keyword;
        std::string server;
        if (!(words >> keyword) || keyword != "nameserver") return;
        if (!(words >> server)) return tell_line("'nameserver' without an address is passed over");
        const auto address = dns::parse_endpoint("[" + server + "]");
        if (!address) return pass_over(server);
        auto canonical = shown(*address);
        if (std::ranges::find(found_.servers, canonical) != found_.servers.end()) return;
        if (found_.servers.size() >= kMostServers)
            return tell_line("nameserver " + canonical + " is passed over: more than 32");
        if (!address->zone.empty() && dns::interface_of(*address) == 0)
            tell_line("nameserver " + canonical + " cannot be asked now: no interface '" +
                      address->zone + "'");
        found_.servers.push_back(std::move(canonical));
    }

    void pass_over(const std::string& server) {
        const auto why = dns::parse_endpoint(server);
        tell_line("nameserver '" + printable(server) + "' is passed over" +
                  (why ? ": it is no address alone" : ": " + printable(why.error().what, 256)));
    }

    void tell_line(const std::string& what) {
        tell("line " + std::to_string(number_) + ": " + what);
    }
    void tell(const std::string& what) {
        if (found_.told.size() < kMostTold) found_.told.push_back(path_ + ": " + what);
    }

    std::string path_;
    std::size_t number_ = 0;
    SystemResolvers found_;
};

} // namespace

SystemResolvers system_resolvers(const std::string& path) { return Reader(path).read(); }

} // namespace sweepgate
