// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/checksum.hpp"

#include <array>
#include <cstring>

#include <netinet/in.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/filter/parse.hpp"

namespace sweepgate::gate {

namespace {

using filter::Kind;
using filter::Parsed;

constexpr unsigned kDeepestTunnel = 4;
constexpr std::size_t kTcpField = 16; // of the transport header: RFC 9293, 3.1
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kUdpField = 6; // RFC 768
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kSctpField = 8; // RFC 9260, 3.1
constexpr std::size_t kSctpHeader = 12;

/// CRC-32C, reflected (RFC 9260, appendix A).
constexpr auto kCrc32c = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto rest = i;
        for (int bit = 0; bit < 8; ++bit)
            rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? 0x82F63B78U : 0U);
        table[i] = rest;
    }
    return table;
}();

std::uint32_t crc32c(const std::uint8_t* bytes, std::size_t length) noexcept {
    auto rest = ~std::uint32_t{0};
    for (std::size_t i = 0; i < length; ++i)
        rest = (rest >> 8U) ^ kCrc32c[(rest ^ bytes[i]) & 0xFFU];
    return ~rest;
}

/// RFC 1071, eight bytes at a time (section 2 C): the sum as it stands in memory, folded.
std::uint16_t sum_of(const std::uint8_t* bytes, std::size_t length) noexcept {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    for (; length >= 8; bytes += 8, length -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof word);
        low += word & 0xFFFFFFFFU; // a datagram has too few words to overflow
        high += word >> 32U;
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes, length);
    auto sum = low + high + (rest & 0xFFFFFFFFU) + (rest >> 32U);
    while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<std::uint16_t>(sum);
}

/// As it stands in memory, folded, not inverted: what a sender leaves for its hardware.
std::uint16_t pseudo_sum(const std::uint8_t* frame, const Parsed& parsed,
                         std::size_t length) noexcept {
    const auto* header = frame + parsed.network;
    const bool is_ipv4 = parsed.kind == Kind::ipv4;
    std::uint32_t sum = sum_of(header + (is_ipv4 ? 12 : 8), is_ipv4 ? 8 : 32);
    sum += htons(parsed.protocol);
    sum += htons(static_cast<std::uint16_t>(length));
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<std::uint16_t>((sum & 0xFFFFU) + (sum >> 16U));
}

bool complete_sum(std::uint8_t* frame, const Parsed& parsed, std::size_t field,
                  std::size_t header) noexcept {
    const std::size_t length = parsed.end - parsed.transport;
    if (length < header || length > 0xFFFF) return false;
    std::uint16_t found = 0;
    std::memcpy(&found, frame + parsed.transport + field, sizeof found);
    if (found == 0 || found != pseudo_sum(frame, parsed, length)) return false;
    auto sum = static_cast<std::uint16_t>(~sum_of(frame + parsed.transport, length));
    if (sum == 0 && parsed.protocol == IPPROTO_UDP) sum = 0xFFFF; // 0 would say: none (RFC 768)
    std::memcpy(frame + parsed.transport + field, &sum, sizeof sum);
    return true;
}

bool complete_crc(std::uint8_t* frame, const Parsed& parsed) noexcept {
    const std::size_t length = parsed.end - parsed.transport;
    if (length < kSctpHeader) return false;
    auto* const packet = frame + parsed.transport;
    std::uint32_t found = 0;
    std::memcpy(&found, packet + kSctpField, sizeof found);
    if (found != 0) return false;
    const auto crc = crc32c(packet, length);
    for (unsigned i = 0; i < sizeof crc; ++i)
        packet[kSctpField + i] = static_cast<std::uint8_t>(crc >> (8U * i));
    return true;
}

bool complete_transport(std::uint8_t* frame, const Parsed& parsed) noexcept {
    switch (parsed.protocol) {
    case IPPROTO_TCP: return complete_sum(frame, parsed, kTcpField, kTcpHeader);
    case IPPROTO_UDP: return complete_sum(frame, parsed, kUdpField, kUdpHeader);
    case IPPROTO_SCTP: return complete_crc(frame, parsed);
    default: return false;
    }
}

std::uint16_t callback(std::uint16_t /*port*/, std::uint16_t /*queue*/, rte_mbuf** mbufs,
                       std::uint16_t count, std::uint16_t /*most*/, void* duty) {
    std::uint64_t completed = 0;
    for (std::uint16_t i = 0; i < count; ++i) {
        auto* mbuf = mbufs[i];
        if (mbuf->next != nullptr) continue; // a kernel interface's frame lies in one buffer
        if (complete_checksum(rte_pktmbuf_mtod(mbuf, std::uint8_t*), mbuf->data_len)) ++completed;
    }
    if (completed > 0) static_cast<const ChecksumDuty*>(duty)->completed->add(completed);
    return count;
}

} // namespace

bool complete_checksum(std::uint8_t* frame, std::size_t length) noexcept {
    auto parsed = filter::parse(frame, length);
    for (unsigned depth = 0; depth < kDeepestTunnel; ++depth) {
        // A datagram is summed before it is cut into fragments.
        if (!parsed.is_ip() || parsed.is_fragment) return false;
        if (complete_transport(frame, parsed)) return true;
        if (parsed.protocol == IPPROTO_TCP) return false;
        parsed = filter::parse_inner(frame, length, parsed);
    }
    return false;
}

Status put_checksums(std::uint16_t port, std::uint16_t rx_queue, ChecksumDuty& duty) {
    if (rte_eth_add_rx_callback(port, rx_queue, callback, &duty) != nullptr) return {};
    return fail(Errc::unavailable, "queue " + std::to_string(rx_queue) +
                                       ": no receive callback: " + rte_strerror(rte_errno));
}

} // namespace sweepgate::gate
