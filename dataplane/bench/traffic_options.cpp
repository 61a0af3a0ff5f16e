// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bench/traffic_options.hpp"

#include <cstdio>
#include <exception>

#include <fmt/format.h>

namespace sweepgate::bench {

void declare_traffic(CLI::App& app, Traffic& traffic) {
    app.add_option("--ipv4", traffic.ipv4_prefixes, "IPv4 prefixes listed");
    app.add_option("--ipv6", traffic.ipv6_prefixes, "IPv6 prefixes listed");
    app.add_option("--ipv6-percent", traffic.ipv6_percent, "Frames that are IPv6")
        ->check(CLI::Range(0, 100));
    app.add_option("--tagged-percent", traffic.tagged_percent, "Frames with one or two VLAN tags")
        ->check(CLI::Range(0, 100));
    app.add_option("--listed-percent", traffic.listed_percent, "Frames to a listed server")
        ->check(CLI::Range(0, 100));
    app.add_flag("--unicast", traffic.unicast,
                 "IPv4 servers that a kernel routes to, and no other");
}

std::string source_device(const std::filesystem::path& capture) {
    return "net_pcap0,rx_pcap=" + capture.string() + ",infinite_rx=1";
}

int answer(CLI::App& app, int argc, char** argv,
           const std::function<Result<nlohmann::json>()>& work) {
    try {
        app.parse(argc, argv);
        const auto result = work();
        if (!result) {
            fmt::print(stderr, "{}: {}\n", app.get_name(), result.error().what);
            return 1;
        }
        if (!result->is_null()) fmt::print("{}\n", result->dump());
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

} // namespace sweepgate::bench
