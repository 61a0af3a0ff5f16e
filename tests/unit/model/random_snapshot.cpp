// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/random_snapshot.hpp"

#include <stdexcept>

namespace sweepgate::testing {

namespace {

constexpr std::array<std::uint16_t, 7> kPorts{21, 25, 53, 80, 443, 5222, 6667};

unsigned below(std::mt19937& random, unsigned limit) {
    return static_cast<unsigned>(random() % limit);
}

Prefix random_prefix(std::mt19937& random, Family family) {
    auto address = random_address(random, family);
    const auto shortest = width(family) - 8;
    const auto length = static_cast<std::uint8_t>(shortest + below(random, 9));
    address.value &= ~Prefix{address, length}.host_mask();
    return {address, length};
}

Family random_family(std::mt19937& random) {
    return below(random, 2) == 0 ? Family::ipv4 : Family::ipv6;
}

System random_system(std::mt19937& random, unsigned number) {
    System system{"sys" + std::to_string(number), "System", "im", {}, {}};
    for (auto left = below(random, 4); left > 0; --left) {
        const auto first = kPorts[below(random, kPorts.size())];
        const auto transport = below(random, 2) == 0 ? Transport::tcp : Transport::udp;
        system.ports.push_back(
            {transport, first, static_cast<std::uint16_t>(first + below(random, 3))});
    }
    // So high that no test comes over it: rates have tests of their own.
    system.packets_per_second = kMaxPacketsPerSecond - below(random, 1000);
    return system;
}

void add_groups(std::mt19937& random, SnapshotParts& parts) {
    parts.groups.push_back({"everyone", {}});
    std::vector<Prefix> used;
    for (auto left = below(random, 4); left > 0; --left) {
        Group group{"group" + std::to_string(left), {}};
        for (auto sources = 1 + below(random, 3); sources > 0; --sources) {
            const auto source = random_prefix(random, random_family(random));
            if (std::find(used.begin(), used.end(), source) != used.end()) continue;
            used.push_back(source);
            group.sources.push_back(source);
        }
        parts.groups.push_back(std::move(group));
    }
}

void add_schedules(std::mt19937& random, SnapshotParts& parts) {
    for (auto left = below(random, 3); left > 0; --left) {
        Schedule schedule{"schedule" + std::to_string(left),
                          static_cast<std::uint8_t>(1 + below(random, kEveryDay)),
                          static_cast<std::uint16_t>(below(random, kMinutesPerDay)),
                          static_cast<std::uint16_t>(below(random, kMinutesPerDay)),
                          below(random, 2) == 0 ? Clock::local : Clock::utc,
                          {}};
        for (const auto& actions : parts.actions) {
            auto& row = schedule.actions.emplace_back();
            for (std::size_t i = 0; i < actions.size(); ++i) {
                const auto action = below(random, 7);
                row.push_back(action < 2 ? std::nullopt
                                         : std::optional(static_cast<Action>(action - 1)));
            }
        }
        parts.schedules.push_back(std::move(schedule));
    }
}

} // namespace

Address random_address(std::mt19937& random, Family family) {
    const auto host = below(random, 256);
    constexpr std::array<std::uint32_t, 3> kNetworks{0xC6336400, 0xCB007100, 0xC0000200};
    if (family == Family::ipv4) return ipv4(kNetworks[below(random, 3)] | host);
    return ipv6(0x20010DB800000001ULL + below(random, 2), host);
}

SnapshotParts random_parts(std::mt19937& random) {
    SnapshotParts parts;
    const auto systems = 1 + below(random, 6);
    for (unsigned i = 0; i < systems; ++i) parts.systems.push_back(random_system(random, i));
    add_groups(random, parts);
    for (std::size_t group = 0; group < parts.groups.size(); ++group) {
        std::vector<Action> row;
        for (unsigned i = 0; i < systems; ++i)
            row.push_back(static_cast<Action>(1 + below(random, 5)));
        parts.actions.push_back(std::move(row));
    }
    for (auto left = below(random, 40); left > 0; --left)
        parts.listings.push_back({random_prefix(random, random_family(random)),
                                  static_cast<SystemIndex>(below(random, systems)),
                                  below(random, 3) == 0 ? Scope::shared : Scope::exclusive});
    for (auto left = below(random, 5); left > 0; --left)
        parts.allow.push_back(random_prefix(random, random_family(random)));
    parts.inspect_tunnels = below(random, 2) == 0;
    add_schedules(random, parts);
    return parts;
}

Snapshot random_snapshot(std::mt19937& random, Generation generation) {
    const Instant now{std::chrono::seconds(1'700'000'000 + static_cast<long>(generation))};
    auto snapshot =
        build_snapshot(random_parts(random), generation, now, now + std::chrono::hours(24));
    if (!snapshot) throw std::logic_error(snapshot.error().what);
    return *snapshot;
}

Flow random_flow(std::mt19937& random) {
    const auto family = random_family(random);
    Flow flow{random_address(random, family), random_address(random, family),
              static_cast<std::uint8_t>(below(random, 2) == 0 ? 6 : 17), std::nullopt};
    if (below(random, 8) == 0) return flow;
    const auto port = [&] {
        return static_cast<std::uint16_t>(kPorts[below(random, kPorts.size())] + below(random, 3));
    };
    flow.ports = Ports{port(), port()};
    return flow;
}

} // namespace sweepgate::testing
