// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/raw_reader.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace sweepgate::test {

namespace {

using Packet = std::span<const std::uint8_t>;

constexpr unsigned kMostHops = 16;

struct RawRecord {
    std::string owner, target;
    unsigned type = 0;
    std::uint32_t ttl = 0;
    std::size_t rdata = 0;
};

unsigned u16(Packet packet, std::size_t at) { return packet[at] * 256U + packet[at + 1]; }

bool read_name(Packet packet, std::size_t& at, std::string& name) {
    name.clear();
    std::size_t here = at;
    for (unsigned jumps = 0; jumps < 64;) {
        if (here >= packet.size()) return false;
        const std::size_t length = packet[here];
        if (length >= 0xC0) {
            if (here + 1 >= packet.size()) return false;
            if (jumps++ == 0) at = here + 2;
            here = u16(packet, here) & 0x3FFFU;
            continue;
        }
        if (length > 63 || here + 1 + length > packet.size() || name.size() > 255) return false;
        if (length == 0) {
            if (jumps == 0) at = here + 1;
            return true;
        }
        if (!name.empty()) name += '.';
        for (const auto octet : packet.subspan(here + 1, length))
            name += static_cast<char>(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
        here += 1 + length;
    }
    return false;
}

bool read_record(Packet packet, std::size_t& at, RawRecord& record) {
    if (!read_name(packet, at, record.owner) || at + 10 > packet.size()) return false;
    record.type = u16(packet, at);
    record.ttl = u16(packet, at + 4) << 16U | u16(packet, at + 6);
    record.rdata = at + 10;
    at = record.rdata + u16(packet, at + 8);
    auto rdata = record.rdata;
    return at <= packet.size() && (record.type != 1 || at - rdata == 4) &&
           (record.type != 5 || read_name(packet, rdata, record.target));
}

std::string follow(const std::string& name, const std::vector<RawRecord>& records,
                   RawAnswer& answer) {
    auto end = name;
    for (bool moved = true; moved && answer.chain.size() < kMostHops;) {
        moved = false;
        for (const auto& record : records)
            if (!moved && record.type == 5 && record.owner == end) {
                answer.ttl = std::min(answer.ttl, record.ttl);
                answer.chain.push_back(record.target);
                moved = true;
            }
        if (moved) end = answer.chain.back();
    }
    return end;
}

} // namespace

bool read_raw(std::span<const std::uint8_t> packet, const std::string& name, RawAnswer& answer) {
    std::size_t at = 12;
    std::string asked;
    if (packet.size() < at || u16(packet, 4) != 1 || !read_name(packet, at, asked) ||
        asked != name || at + 4 > packet.size() || u16(packet, at) != 1)
        return false;
    at += 4;
    answer.rcode = packet[3] & 15U;
    std::vector<RawRecord> records(std::min(512U, u16(packet, 6)));
    for (auto& record : records)
        if (!read_record(packet, at, record)) return false;
    const auto end = follow(name, records, answer);
    std::array<char, INET_ADDRSTRLEN> text{};
    for (const auto& record : records)
        if (record.type == 1 && record.owner == end) {
            answer.ttl = std::min(answer.ttl, record.ttl);
            inet_ntop(AF_INET, packet.data() + record.rdata, text.data(), text.size());
            answer.addresses.emplace_back(text.data());
        }
    return true;
}

} // namespace sweepgate::test
