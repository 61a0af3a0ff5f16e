// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bench/traffic.hpp"

#include <array>
#include <fstream>
#include <random>
#include <span>

#include "dataplane/filter/headers.hpp"

namespace sweepgate::bench {

namespace {

using Random = std::mt19937_64;
using Frame = std::vector<std::uint8_t>;

constexpr std::uint64_t kIpv6Clients = 0x20010DB800000000U;
constexpr std::size_t kIpv6Networks = 20'000;

bool is_client(const Address& address) {
    if (address.family == Family::ipv4)
        return static_cast<std::uint32_t>(address.value) >> 17U == 0xC612U >> 1U;
    return static_cast<std::uint64_t>(address.value >> 96U) == kIpv6Clients >> 32U;
}

Prefix cut(const Address& address, std::uint64_t length) {
    Prefix prefix{address, static_cast<std::uint8_t>(length)};
    prefix.address.value &= ~prefix.host_mask();
    return prefix;
}

void list(SnapshotParts& parts, const Prefix& prefix) {
    if (!is_client(prefix.address)) parts.listings.push_back({prefix, 0, Scope::exclusive});
}

void list_ipv4(std::size_t count, SnapshotParts& parts) {
    Random random(42);
    std::size_t wide = 0;
    while (parts.listings.size() < count) {
        const auto kind = random() % 20;
        const auto address = ipv4(static_cast<std::uint32_t>(random()));
        std::uint64_t length = 32;
        if (kind == 0) length = 24;
        if (kind == 1 && wide++ < 5000) length = 16 + random() % 16;
        list(parts, cut(address, length));
    }
}

std::uint64_t random_global(Random& random) { return random() >> 3U | std::uint64_t{1} << 61U; }

void list_ipv6(std::size_t count, SnapshotParts& parts) {
    Random random(43);
    std::vector<std::uint64_t> networks(kIpv6Networks);
    for (auto& network : networks) network = random_global(random) >> 32U << 32U;
    const auto wanted = parts.listings.size() + count;
    while (parts.listings.size() < wanted) {
        const auto kind = random() % 10;
        const auto high = networks[random() % kIpv6Networks] | random() >> 32U;
        std::uint64_t length = 128;
        if (kind < 3) length = 64;
        if (kind == 3) length = random() % 4 != 0 ? 48 : 36 + random() % 21;
        list(parts, cut(ipv6(high, random()), length));
    }
}

/// 1.0.0.0 to 223.255.255.255 without 127.0.0.0/8: the rest has a fate of its own in a kernel.
bool is_routed(const Address& address) {
    const auto top = static_cast<std::uint32_t>(address.value) >> 24U;
    return top >= 1 && top < 224 && top != 127;
}

/// The servers of a capture: a listed one or one that is not, as asked for.
class Servers {
public:
    Servers(const Traffic& traffic, const Snapshot& snapshot)
        : traffic_(traffic), snapshot_(snapshot) {
        for (const auto& entry : snapshot.entries)
            (entry.prefix.address.family == Family::ipv4 ? listed4_ : listed6_)
                .push_back(entry.prefix.first());
    }

    Address pick(Family family, bool listed, Random& random) const {
        const auto& known = family == Family::ipv4 ? listed4_ : listed6_;
        for (;;) {
            const auto server =
                listed ? known.at(random() % known.size()) : stranger(family, random);
            if (traffic_.unicast && !is_routed(server)) continue;
            if (!is_client(server) && (find_entry(snapshot_, server) != nullptr) == listed)
                return server;
        }
    }

private:
    static Address stranger(Family family, Random& random) {
        if (family == Family::ipv4) return ipv4(static_cast<std::uint32_t>(random()));
        const auto high = random_global(random);
        return ipv6(high, random());
    }

    const Traffic& traffic_;
    const Snapshot& snapshot_;
    std::vector<Address> listed4_;
    std::vector<Address> listed6_;
};

constexpr std::size_t kLeast = 64;

void put(Frame& frame, std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) frame.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
}

/// RFC 1071, of an IPv4 header whose checksum is zero.
std::uint16_t checksum(std::span<const std::uint8_t> header) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < header.size(); i += 2)
        sum += static_cast<std::uint32_t>(header[i] << 8U | header[i + 1]);
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~(sum + (sum >> 16U)));
}

void put_ipv4(Frame& frame, const Address& client, const Address& server) {
    const auto begin = frame.size();
    put(frame, 0x4500002A00000000U, 8); // 42 bytes in all, so that two tags fit as well
    put(frame, 0x40110000U, 4);         // 64 hops, UDP
    put(frame, static_cast<std::uint64_t>(client.value), 4);
    put(frame, static_cast<std::uint64_t>(server.value), 4);
    const auto sum = checksum({&frame[begin], filter::kIpv4Header});
    frame[begin + 10] = static_cast<std::uint8_t>(sum >> 8U);
    frame[begin + 11] = static_cast<std::uint8_t>(sum);
}

void put_ipv6(Frame& frame, const Address& client, const Address& server) {
    put(frame, 0x6000000000081140U, 8); // 8 bytes of UDP, 64 hops
    for (const auto& address : {client, server}) {
        put(frame, static_cast<std::uint64_t>(address.value >> 64U), 8);
        put(frame, static_cast<std::uint64_t>(address.value), 8);
    }
}

/// Ethernet, tags, IP and UDP from port 40000 to 443, padded to 64 bytes; tagged IPv6 is longer.
Frame make_frame(const Address& client, const Address& server, unsigned tags) {
    Frame frame{0x00, 0x00, 0x5E, 0x00, 0x53, 0x01, 0x00, 0x00, 0x5E, 0x00, 0x53, 0x02};
    if (tags > 1) put(frame, std::uint64_t{filter::kTypeServiceTag} << 16U | 100, 4);
    if (tags > 0) put(frame, std::uint64_t{filter::kTypeTag} << 16U | 7, 4);
    const bool old = client.family == Family::ipv4;
    put(frame, old ? filter::kTypeIpv4 : filter::kTypeIpv6, 2);
    old ? put_ipv4(frame, client, server) : put_ipv6(frame, client, server);
    put(frame, 40000ULL << 48U | 443ULL << 32U | (old ? 22ULL : 8ULL) << 16U, 8);
    if (frame.size() < kLeast) frame.resize(kLeast);
    return frame;
}

Address random_client(Family family, Random& random) {
    if (family == Family::ipv4)
        return ipv4(0xC6120000U + static_cast<std::uint32_t>(random() % (1U << 17U)));
    return ipv6(kIpv6Clients | random() >> 32U, random());
}

} // namespace

Snapshot make_snapshot(const Traffic& traffic) {
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    list_ipv4(traffic.ipv4_prefixes, parts);
    list_ipv6(traffic.ipv6_prefixes, parts);
    return build_snapshot(std::move(parts), 1, Instant{}, Instant{}).value();
}

std::vector<Frame> make_frames(const Traffic& traffic, const Snapshot& snapshot) {
    Random random(7);
    const Servers servers(traffic, snapshot);
    std::vector<Frame> frames;
    while (frames.size() < kFrames) {
        const auto family = random() % 100 < traffic.ipv6_percent ? Family::ipv6 : Family::ipv4;
        const bool listed = random() % 100 < traffic.listed_percent;
        const bool tagged = random() % 100 < traffic.tagged_percent;
        const auto tags = tagged ? 1 + static_cast<unsigned>(random() % 2) : 0;
        const auto server = servers.pick(family, listed, random);
        frames.push_back(make_frame(random_client(family, random), server, tags));
    }
    return frames;
}

Status write_capture(const std::filesystem::path& path, const Traffic& traffic,
                     const Snapshot& snapshot) {
    // https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html, sections 4 and 5:
    // magic, version 2.4, two reserved words, most bytes of a frame, Ethernet.
    std::ofstream file(path, std::ios::binary);
    const std::array<std::uint32_t, 6> header{0xA1B2C3D4U, 2U | 4U << 16U, 0, 0, 65535, 1};
    file.write(reinterpret_cast<const char*>(header.data()), sizeof header);
    for (const auto& frame : make_frames(traffic, snapshot)) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        const std::array<std::uint32_t, 4> record{0, 0, size, size};
        file.write(reinterpret_cast<const char*>(record.data()), sizeof record);
        file.write(reinterpret_cast<const char*>(frame.data()), static_cast<std::streamsize>(size));
    }
    file.flush();
    return file ? Status{} : fail(Errc::io, path.string() + ": cannot be written");
}

} // namespace sweepgate::bench
