// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/soak/generations.hpp"

#include "tests/unit/filter/packet.hpp"

namespace sweepgate::testing {

namespace {

constexpr std::array<const char*, kServers.size()> kAddresses{"203.0.113.1", "203.0.113.2",
                                                              "203.0.113.3"};

/// Hosts all over the address space, none of them twice: an odd factor permutes 2^24.
Address filler(std::uint32_t number) { return ipv4(0x10000000U + (number * 2654435U & 0xFFFFFFU)); }

} // namespace

Snapshot make_generation(Generation generation) {
    SnapshotParts parts;
    parts.systems = {{"always", "Always", "im", {}, {}}, {"sometimes", "Sometimes", "im", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop, Action::drop}};
    const auto list = [&](const Address& address, SystemIndex system) {
        parts.listings.push_back({host(address), system, Scope::exclusive});
    };
    list(*parse_address(kAddresses[0]), 0);
    if (generation % 2 == 0) list(*parse_address(kAddresses[1]), 1);
    // A window that moves on by half of what is exchanged: as many leave as come.
    const auto first = static_cast<std::uint32_t>(generation) * kExchanged / 2;
    for (std::uint32_t i = 0; i < kListed; ++i) list(filler(first + i), 1);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return build_snapshot(std::move(parts), generation, now, now + std::chrono::hours(1)).value();
}

std::vector<std::vector<std::uint8_t>> make_frames() {
    std::vector<std::vector<std::uint8_t>> frames;
    for (const auto* address : kAddresses)
        frames.push_back(filter::packet().ipv4("192.0.2.1", address).udp(40000, 443).padded(60));
    return frames;
}

} // namespace sweepgate::testing
