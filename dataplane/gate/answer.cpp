// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/answer.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "dataplane/filter/bytes.hpp"

namespace sweepgate::gate {

namespace {

using filter::Kind;
using filter::Parsed;
using filter::read32;

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint8_t kRedirect6 = 137; // RFC 4861, 4.5
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kLargestError = 576;
constexpr std::uint8_t kTtl = 64;

// RFC 9293, 3.1.
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kRst = 0x04;
constexpr std::uint8_t kAck = 0x10;

void put16(std::uint8_t* at, std::size_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8U);
    at[1] = static_cast<std::uint8_t>(value);
}
void put32(std::uint8_t* at, std::uint32_t value) {
    put16(at, value >> 16U);
    put16(at + 2, value & 0xFFFFU);
}

/// RFC 1071; `sum` carries on from other pieces, each of an even number of bytes.
std::uint64_t add_up(std::span<const std::uint8_t> bytes, std::uint64_t sum) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum += static_cast<std::uint64_t>(bytes[i]) << 8U | bytes[i + 1];
    if (bytes.size() % 2 != 0) sum += static_cast<std::uint64_t>(bytes.back()) << 8U;
    return sum;
}
std::uint16_t fold(std::uint64_t sum) {
    while (sum > 0xFFFFU) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
}

/// A frame being answered: the old one, and the new one as far as it is written.
struct Draft {
    const std::uint8_t* frame;
    std::size_t length;
    const Parsed& parsed;
    std::uint8_t* out;

    [[nodiscard]] bool is_ipv4() const { return parsed.kind == Kind::ipv4; }
    [[nodiscard]] std::size_t ip_header() const { return is_ipv4() ? 20 : 40; }
    [[nodiscard]] std::uint8_t* payload() const { return out + parsed.network + ip_header(); }

    /// MACs swapped, tags kept, addresses swapped. Returns the size of the frame.
    std::size_t write_headers(std::uint8_t protocol, std::size_t payload_bytes) const;
    /// Of the payload with the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1), into `at`.
    void write_checksum(std::uint8_t* at, std::uint8_t protocol, std::size_t payload_bytes,
                        bool with_pseudo_header) const;
};

std::size_t Draft::write_headers(std::uint8_t protocol, std::size_t payload_bytes) const {
    std::memcpy(out, frame + 6, 6);
    std::memcpy(out + 6, frame, 6);
    std::memcpy(out + 12, frame + 12, parsed.network - 12U);
    auto* ip = out + parsed.network;
    const auto* old = frame + parsed.network;
    if (is_ipv4()) {
        std::memset(ip, 0, 20);
        ip[0] = 0x45;
        put16(ip + 2, 20 + payload_bytes);
        put16(ip + 6, 0x4000); // do not fragment: the identification may stay 0 (RFC 6864)
        ip[8] = kTtl;
        ip[9] = protocol;
        std::memcpy(ip + 12, old + 16, 4);
        std::memcpy(ip + 16, old + 12, 4);
        put16(ip + 10, fold(add_up({ip, 20}, 0)));
    } else {
        put32(ip, 0x60000000U);
        put16(ip + 4, payload_bytes);
        ip[6] = protocol;
        ip[7] = kTtl;
        std::memcpy(ip + 8, old + 24, 16);
        std::memcpy(ip + 24, old + 8, 16);
    }
    if (parsed.session != 0) { // RFC 2516, 4: the length of what follows the length
        const auto behind = parsed.session + 6U;
        put16(out + behind - 2, parsed.network - behind + ip_header() + payload_bytes);
    }
    return parsed.network + ip_header() + payload_bytes;
}

void Draft::write_checksum(std::uint8_t* at, std::uint8_t protocol, std::size_t payload_bytes,
                           bool with_pseudo_header) const {
    std::uint64_t sum = 0;
    if (with_pseudo_header) {
        const auto* addresses = out + parsed.network + (is_ipv4() ? 12 : 8);
        sum = add_up({addresses, is_ipv4() ? 8U : 32U}, payload_bytes + protocol);
    }
    put16(at, 0);
    put16(at, fold(add_up({payload(), payload_bytes}, sum)));
}

std::size_t reset(const Draft& draft) {
    const auto& parsed = draft.parsed;
    const std::size_t segment = parsed.end - parsed.transport;
    if (segment < kTcpHeader || parsed.transport + kTcpHeader > draft.length) return 0;
    const auto* tcp = draft.frame + parsed.transport;
    const auto header = static_cast<std::size_t>(tcp[12] >> 4U) * 4;
    const auto flags = tcp[13];
    if ((flags & kRst) != 0 || header < kTcpHeader || header > segment) return 0;

    auto* out = draft.payload();
    std::memset(out, 0, kTcpHeader);
    std::memcpy(out, tcp + 2, 2);
    std::memcpy(out + 2, tcp, 2);
    out[12] = 0x50;
    if ((flags & kAck) != 0) { // RFC 9293, 3.5.2: SEQ=SEG.ACK
        std::memcpy(out + 4, tcp + 8, 4);
        out[13] = kRst;
    } else { // SEQ=0, ACK=SEG.SEQ+SEG.LEN; SYN and FIN count
        const auto length = static_cast<std::uint32_t>(segment - header) +
                            ((flags & kSyn) != 0 ? 1U : 0U) + ((flags & kFin) != 0 ? 1U : 0U);
        put32(out + 8, read32(tcp + 4) + length);
        out[13] = kRst | kAck;
    }
    const auto size = draft.write_headers(kTcp, kTcpHeader);
    draft.write_checksum(out + 16, kTcp, kTcpHeader, true);
    return size;
}

/// No error about an error or an IPv6 redirect (RFC 1122, 3.2.2; RFC 4443, 2.4 e). A type that
/// cannot be read may be one.
bool is_icmp_error(const Draft& draft) {
    const auto& parsed = draft.parsed;
    if (parsed.protocol != kIcmp && parsed.protocol != kIcmp6) return false;
    if (parsed.transport >= std::min<std::size_t>(parsed.end, draft.length)) return true;
    const auto type = draft.frame[parsed.transport];
    if (parsed.protocol == kIcmp6) return type < 128 || type == kRedirect6;
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

std::size_t prohibited(const Draft& draft) {
    if (is_icmp_error(draft)) return 0;
    const auto& parsed = draft.parsed;
    const auto available = std::min<std::size_t>(parsed.end, draft.length) - parsed.network;
    const auto quoted =
        std::min<std::size_t>(available, kLargestError - draft.ip_header() - kIcmpHeader);
    auto* out = draft.payload();
    std::memset(out, 0, kIcmpHeader);
    out[0] = draft.is_ipv4() ? 3 : 1;  // destination unreachable
    out[1] = draft.is_ipv4() ? 13 : 1; // communication administratively prohibited
    std::memcpy(out + kIcmpHeader, draft.frame + parsed.network, quoted);
    const auto protocol = draft.is_ipv4() ? kIcmp : kIcmp6;
    const auto payload_bytes = kIcmpHeader + quoted;
    const auto size = draft.write_headers(protocol, payload_bytes);
    draft.write_checksum(out + 2, protocol, payload_bytes, !draft.is_ipv4());
    return size;
}

/// RFC 1122, 3.2.1.3 and RFC 4291, 2.4: one host, which may send and be answered.
bool is_host(Kind kind, Uint128 address) {
    if (kind == Kind::ipv6) return address > 1 && address >> 120U != 0xFF;
    const auto first = address >> 24U;
    return first != 0 && first != 127 && first < 224;
}

} // namespace

std::size_t answer_rejected(const std::uint8_t* frame, std::size_t length, const Parsed& parsed,
                            Answer& answer) noexcept {
    const bool group_mac = (frame[0] & 1U) != 0 || (frame[6] & 1U) != 0;
    if (group_mac || parsed.is_labelled || parsed.is_fragment ||
        !is_host(parsed.kind, parsed.source) || !is_host(parsed.kind, parsed.destination))
        return 0;
    const Draft draft{frame, length, parsed, answer.data()};
    return parsed.protocol == kTcp ? reset(draft) : prohibited(draft);
}

} // namespace sweepgate::gate
