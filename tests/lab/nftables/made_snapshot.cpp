// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/nftables/made_snapshot.hpp"

#include <stdexcept>

namespace sweepgate::lab {

namespace {

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8U);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put_address(std::vector<std::uint8_t>& bytes, std::size_t at, const Address& address) {
    const auto raw = to_bytes(address);
    for (unsigned i = 0; i < width_bytes(address.family); ++i) bytes[at + i] = raw[i];
}

constexpr std::size_t kPayload = 32; // room for a TCP header

} // namespace

SnapshotParts three_systems() {
    SnapshotParts parts;
    parts.systems = {{"drop", "Drop", "im", {{Transport::tcp, 5190, 5190}}, {}},
                     {"watch", "Watch", "im", {{Transport::udp, 4000, 4000}}, {}},
                     {"refuse", "Refuse", "irc", {{Transport::tcp, 6660, 6669}}, {}}};
    for (auto& system : parts.systems) system.packets_per_second = kMaxPacketsPerSecond;
    parts.groups = {
        {"everyone", {}},
        {"staff", {*parse_prefix("192.0.2.128/25"), *parse_prefix("2001:db8:aa::/48")}}};
    parts.actions = {{Action::drop, Action::monitor, Action::reject},
                     {Action::monitor, Action::monitor, Action::reject}};
    return parts;
}

void list(SnapshotParts& parts, const std::string& prefix, SystemIndex system, Scope scope) {
    const auto parsed = parse_prefix(prefix);
    if (!parsed) throw std::invalid_argument(parsed.error().what);
    parts.listings.push_back({*parsed, system, scope});
}

Snapshot made(SnapshotParts parts, Generation generation) {
    auto snapshot = build_snapshot(std::move(parts), generation, {}, {});
    if (!snapshot) throw std::invalid_argument(snapshot.error().what);
    return *snapshot;
}

void list_many(SnapshotParts& parts, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
        parts.listings.push_back({host(ipv4(0x0B000000U + i * 2)), 0, Scope::exclusive});
}

void close_header(std::vector<std::uint8_t>& ip) {
    put16(ip, 10, 0);
    unsigned sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += (unsigned{ip[i]} << 8U) + ip[i + 1];
    while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
    put16(ip, 10, ~sum & 0xFFFFU);
}

std::vector<std::uint8_t> to_packet(const Flow& flow) {
    const bool is_ipv4 = flow.source.family == Family::ipv4;
    const std::size_t header = is_ipv4 ? 20 : 40;
    std::vector<std::uint8_t> ip(header + kPayload);
    ip[0] = is_ipv4 ? 0x45 : 0x60;
    put16(ip, is_ipv4 ? 2 : 4, static_cast<unsigned>(is_ipv4 ? ip.size() : kPayload));
    ip[is_ipv4 ? 9 : 6] = flow.protocol;
    ip[is_ipv4 ? 8 : 7] = 64;
    put_address(ip, is_ipv4 ? 12 : 8, flow.source);
    put_address(ip, is_ipv4 ? 16 : 24, flow.destination);
    if (is_ipv4) close_header(ip);
    if (flow.ports) {
        put16(ip, header, flow.ports->source);
        put16(ip, header + 2, flow.ports->destination);
    }
    if (flow.protocol == 6) {
        ip[header + 12] = 0x50; // data offset: 5 words
        ip[header + 13] = 0x02; // SYN
    }
    return ip;
}

} // namespace sweepgate::lab
