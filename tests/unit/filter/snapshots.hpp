// SPDX-License-Identifier: Apache-2.0
// Small snapshots for tests, and random ones from a seed.
#pragma once

#include <random>
#include <string_view>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::filter {

inline Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }

struct Listed {
    std::string_view prefix;
    SystemIndex system;
    Scope scope = Scope::exclusive;
};

/// Systems 0 "aim" (tcp 5190) dropped, 1 "irc" (tcp 6660-6669) rejected, 2 "msn" (tcp 1863)
/// monitored, 3 "yahoo" (tcp 5050) passed. Group 1 "guests" is 192.0.2.128/25: all dropped.
inline Snapshot snapshot_of(const std::vector<Listed>& listed,
                            const std::vector<std::string_view>& allow = {}) {
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {{Transport::tcp, 5190, 5190}}, {}},
                     {"irc", "IRC", "irc", {{Transport::tcp, 6660, 6669}}, {}},
                     {"msn", "MSN", "im", {{Transport::tcp, 1863, 1863}}, {}},
                     {"yahoo", "Yahoo", "im", {{Transport::tcp, 5050, 5050}}, {}}};
    parts.groups = {{"everyone", {}}, {"guests", {prefix("192.0.2.128/25")}}};
    parts.actions = {{Action::drop, Action::reject, Action::monitor, Action::pass},
                     {Action::drop, Action::drop, Action::drop, Action::drop}};
    for (const auto& item : listed)
        parts.listings.push_back({prefix(item.prefix), item.system, item.scope});
    for (const auto text : allow) parts.allow.push_back(prefix(text));
    return build_snapshot(parts, 7, Instant{}, Instant{std::chrono::seconds{60}}).value();
}

/// Everything random lies in a few small blocks, so that prefixes nest, touch and get hit.
class RandomSnapshots {
public:
    explicit RandomSnapshots(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
    }
    bool one_in(unsigned n) { return below(n) == 0; }

    Address address() {
        if (one_in(2)) // a few /20 of 198.18.0.0/15 (RFC 2544), and anything
            return sweepgate::ipv4(static_cast<std::uint32_t>(
                one_in(8) ? random_() : 0xC6120000U + (below(4) << 14U) + below(1U << 11U)));
        const auto high = 0x20010DB800000000U + (below(3) << 30U) + (below(3) << 15U) + below(4);
        return sweepgate::ipv6(one_in(8) ? random_() : high, one_in(2) ? below(64) : random_());
    }
    Prefix random_prefix() {
        const auto host = address();
        const auto bits = width(host.family);
        const auto shortest = one_in(20) ? bits / 16 : bits / 4;
        Prefix made{host, static_cast<std::uint8_t>(
                              one_in(2) ? bits : shortest + below(bits - shortest + 1))};
        made.address.value &= ~made.host_mask();
        return made;
    }

    Snapshot next() {
        SnapshotParts parts;
        const auto systems = 1 + below(6);
        const auto groups = 1 + below(4);
        for (std::uint64_t i = 0; i < systems; ++i) {
            const auto port = static_cast<std::uint16_t>(below(6));
            const auto transport = one_in(3) ? Transport::udp : Transport::tcp;
            parts.systems.push_back({"system-" + std::to_string(i),
                                     "S",
                                     "im",
                                     {{transport, port, static_cast<std::uint16_t>(port + 1)}},
                                     {},
                                     1 + static_cast<std::uint32_t>(below(1000))});
        }
        for (std::uint64_t i = 0; i < groups; ++i) {
            parts.groups.push_back({"group " + std::to_string(i), {}});
            parts.actions.emplace_back();
            for (std::uint64_t s = 0; s < systems; ++s)
                parts.actions.back().push_back(static_cast<Action>(1 + below(5)));
        }
        add_sources(parts);
        for (auto n = below(120); n > 0; --n)
            parts.listings.push_back({random_prefix(), static_cast<SystemIndex>(below(systems)),
                                      one_in(3) ? Scope::shared : Scope::exclusive});
        parts.inspect_tunnels = one_in(2);
        for (auto n = below(8); n > 0; --n) parts.allow.push_back(random_prefix());
        return build_snapshot(parts, 1 + below(1000), Instant{}, Instant{}).value();
    }

private:
    void add_sources(SnapshotParts& parts) {
        std::vector<Prefix> taken; // a source may be in one group only
        for (std::size_t group = 1; group < parts.groups.size(); ++group)
            for (auto n = below(12); n > 0; --n) {
                const auto source = random_prefix();
                if (std::find(taken.begin(), taken.end(), source) != taken.end()) continue;
                taken.push_back(source);
                parts.groups[group].sources.push_back(source);
            }
    }

    std::mt19937_64 random_;
};

} // namespace sweepgate::filter
