// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bench/frames.hpp"

#include <array>
#include <fstream>
#include <random>

namespace sweepgate::bench {

namespace {

constexpr unsigned kFrames = 4096;
constexpr std::size_t kFrameBytes = 60;

bool is_client(std::uint32_t address) { return address >> 17U == 0xC612U >> 1U; }

void put32(std::uint8_t* at, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

using Frame = std::array<std::uint8_t, kFrameBytes>;

Frame make_frame(std::uint32_t client, std::uint32_t server) {
    Frame frame{0x00, 0x00, 0x5E, 0x00, 0x53, 0x01, 0x00, 0x00, 0x5E, 0x00, 0x53, 0x02,
                0x08, 0x00, 0x45, 0,    0,    46,   0,    0,    0,    0,    64,   17};
    put32(&frame[26], client);
    put32(&frame[30], server);
    put32(&frame[34], 40000U << 16U | 443U);
    put32(&frame[38], 26U << 16U);
    return frame;
}

/// https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html, sections 4 and 5
void write_record(std::ofstream& file, const Frame& frame) {
    const std::array<std::uint32_t, 4> header{0, 0, kFrameBytes, kFrameBytes};
    file.write(reinterpret_cast<const char*>(header.data()), sizeof header);
    file.write(reinterpret_cast<const char*>(frame.data()), kFrameBytes);
}

} // namespace

Snapshot make_snapshot(std::size_t count, Generation generation) {
    std::mt19937_64 random(42);
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {}, {}}};
    parts.groups = {{"everyone", {}}};
    parts.actions = {{Action::drop}};
    std::size_t wide = 0;
    while (parts.listings.size() < count) {
        const auto kind = random() % 20;
        Prefix prefix{ipv4(static_cast<std::uint32_t>(random())), 32};
        if (is_client(static_cast<std::uint32_t>(prefix.address.value))) continue;
        if (kind == 0) prefix.length = 24;
        if (kind == 1 && wide++ < 5000)
            prefix.length = static_cast<std::uint8_t>(16 + random() % 16);
        prefix.address.value &= ~prefix.host_mask();
        parts.listings.push_back({prefix, 0, Scope::exclusive});
    }
    return build_snapshot(parts, generation, Instant{}, Instant{}).value();
}

Status write_capture(const std::filesystem::path& path, const Snapshot& snapshot,
                     unsigned listed_percent) {
    std::ofstream file(path, std::ios::binary);
    // Magic, version 2.4, two reserved words, most bytes of a frame, Ethernet.
    const std::array<std::uint32_t, 6> header{0xA1B2C3D4U, 2U | 4U << 16U, 0, 0, 65535, 1};
    file.write(reinterpret_cast<const char*>(header.data()), sizeof header);
    std::mt19937_64 random(7);
    for (unsigned written = 0; written < kFrames;) {
        auto server = ipv4(static_cast<std::uint32_t>(random()));
        const bool listed = random() % 100 < listed_percent;
        if (listed) server = snapshot.entries[random() % snapshot.entries.size()].prefix.first();
        if ((find_entry(snapshot, server) != nullptr) != listed) continue;
        const auto client = 0xC6120000U + static_cast<std::uint32_t>(random() % (1U << 17U));
        write_record(file, make_frame(client, static_cast<std::uint32_t>(server.value)));
        ++written;
    }
    file.flush();
    return file ? Status{} : fail(Errc::io, path.string() + ": cannot be written");
}

} // namespace sweepgate::bench
