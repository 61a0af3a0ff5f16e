// SPDX-License-Identifier: Apache-2.0
// The ends of a hit, read straight from a frame that the screen found plain. For the packet path;
// ends_of() says the same of any frame, and takes ten times as long.
#pragma once

#include <bit>
#include <cstdint>

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/port_classes.hpp"
#include "dataplane/filter/verdict.hpp"

namespace sweepgate::filter {

struct PlainHit {
    const std::uint8_t* client = nullptr; // network order; 4 or 16 bytes
    bool is_ipv4 = false;
    bool has_port = false; // the server's port was read
    std::uint8_t protocol = 0;
    std::uint16_t port = 0;
};

/// Ports are those of TCP, UDP and SCTP, in the datagram and in memory; a later fragment has none.
///   frame   plain (screen.hpp): tags, a fixed header without options, no extension
///   server  source or destination
inline PlainHit read_plain(const Frame& frame, ServerEnd server) noexcept {
    auto network = kEthernetHeader;
    while (is_tag(read16(frame.bytes + network - 2))) network += kTagBytes;
    const auto* header = frame.bytes + network;
    const auto is_source = static_cast<std::size_t>(server == ServerEnd::source);
    PlainHit hit;
    hit.is_ipv4 = header[0] >> 4U == 4;
    std::size_t transport = 0;
    bool carries = false;
    if (hit.is_ipv4) {
        hit.protocol = header[9];
        hit.client = header + 12 + 4 * is_source;
        transport = kIpv4Header;
        carries = read16(header + 2) >= kIpv4Header + 4 && (read16(header + 6) & 0x1FFFU) == 0;
    } else {
        hit.protocol = header[6];
        hit.client = header + 8 + 16 * is_source;
        transport = kIpv6Header;
        carries = read16(header + 4) >= 4;
    }
    const bool has_ports = hit.protocol == static_cast<std::uint8_t>(Transport::tcp) ||
                           hit.protocol == static_cast<std::uint8_t>(Transport::udp) ||
                           hit.protocol == static_cast<std::uint8_t>(Transport::sctp);
    hit.has_port = has_ports && carries && network + transport + 4 <= frame.length;
    if (hit.has_port) hit.port = read16(header + transport + 2 * (1 - is_source));
    return hit;
}

/// Packets of a burst by port class, in one register.
class PortClassCounts {
public:
    /// What adding one packet of that class adds.
    static constexpr std::uint64_t one(PortClass port_class) {
        return std::uint64_t{1} << (kBits * static_cast<unsigned>(port_class));
    }
    void add(std::uint64_t packets) noexcept { packets_ += packets; }
    void add(PortClass port_class) noexcept { add(one(port_class)); }
    [[nodiscard]] std::uint64_t of(std::size_t port_class) const noexcept {
        return packets_ >> (kBits * port_class) & ((std::uint64_t{1} << kBits) - 1);
    }

private:
    static constexpr unsigned kBits = 16; // a burst is shorter than 65,536
    static_assert(kPortClasses * kBits <= 64);
    std::uint64_t packets_ = 0;
};

// Of a header's bytes 14 to 17 and 20 to 23: type, version and length; fragment offset, protocol.
inline constexpr auto kTypeAndLength = word_of(0xFF, 0xFF, 0xFF, 0);
inline constexpr auto kPlainIpv4 = word_of(0x08, 0x00, 0x45, 0);
inline constexpr auto kOffset = word_of(0x1F, 0xFF, 0, 0);
inline constexpr auto kProtocol = word_of(0, 0, 0, 0xFF);

/// What the port class of a hit follows from, to be compared with what follows it: in a burst of
/// many hits they are often alike, and comparing is cheaper than reading.
class PlainHitLike {
public:
    /// Takes what read_plain() takes.
    PlainHitLike(const Judgement& judgement, const std::uint8_t* frame) noexcept
        : judgement_(std::bit_cast<std::uint32_t>(judgement)),
          port_at_(kIpv4Header + (static_cast<unsigned>(judgement.server) & 2U)) {
        const auto* header = frame + kEthernetHeader;
        if ((load<std::uint32_t>(header - 2) & kTypeAndLength) != kPlainIpv4 ||
            read16(header + 2) < kIpv4Header + 4)
            return;
        type_ = kPlainIpv4;
        rest_ = load<std::uint32_t>(header + 6) & (kOffset | kProtocol);
        port_ = load<std::uint16_t>(header + port_at_);
    }
    /// Whether another plain hit has the same class for the same reasons. False says nothing.
    [[nodiscard, gnu::always_inline]] bool covers(const Judgement& judgement,
                                                  const std::uint8_t* frame) const noexcept {
        const auto* header = frame + kEthernetHeader;
        if (read16(header + 2) < kIpv4Header + 4) [[unlikely]]
            return false;
        const auto differs = (std::bit_cast<std::uint32_t>(judgement) ^ judgement_) |
                             ((load<std::uint32_t>(header - 2) ^ type_) & kTypeAndLength) |
                             ((load<std::uint32_t>(header + 6) ^ rest_) & (kOffset | kProtocol)) |
                             std::uint32_t(load<std::uint16_t>(header + port_at_) ^ port_);
        return differs == 0;
    }

private:
    std::uint32_t judgement_;
    std::uint32_t port_at_;  // of the server's, in the header
    std::uint32_t type_ = 0; // no frame's: covers nothing
    std::uint32_t rest_ = 0;
    std::uint16_t port_ = 0;
};

/// Counts hits of one system by the class of the server's port alone. Takes what read_plain()
/// takes, and counts what its port comes to. Hits of one burst are often alike, so the last one of
/// untagged IPv4 is remembered.
class PlainPortClass {
public:
    PlainPortClass(const PortClasses& classes, SystemIndex system)
        : classes_(classes), system_(system) {}

    /// Returns what it added.
    [[gnu::always_inline]] std::uint64_t count(ServerEnd server, const std::uint8_t* frame,
                                               std::uint32_t length,
                                               PortClassCounts& counts) noexcept {
        // type (2), version and header length (1), class (1), total length (2), number (2), then
        // fragment offset (13 bits), hops (1), protocol (1); as they lie in memory
        const auto* header = frame + kEthernetHeader;
        const auto type = load<std::uint32_t>(header - 2) & kTypeAndLength;
        const auto rest = load<std::uint32_t>(header + 6);
        if (type != kPlainIpv4 || (rest & kOffset) != 0 || read16(header + 2) < kIpv4Header + 4)
            [[unlikely]] {
            const auto one = PortClassCounts::one(of_any(server, frame, length));
            counts.add(one);
            return one;
        }
        static_assert(static_cast<unsigned>(ServerEnd::source) == 1);
        static_assert(static_cast<unsigned>(ServerEnd::destination) == 2);
        const auto offset = static_cast<unsigned>(server) & 2U; // of the server's port within both
        const auto port = load<std::uint16_t>(header + kIpv4Header + offset);
        const auto key = (rest & kProtocol) | port;
        if (key != key_) {
            key_ = key;
            one_ = PortClassCounts::one(
                classes_.of(system_, header[9], read16(header + kIpv4Header + offset)));
        }
        counts.add(one_);
        return one_;
    }

private:
    [[gnu::noinline]] PortClass of_any(ServerEnd server, const std::uint8_t* frame,
                                       std::uint32_t length) const noexcept {
        const auto hit = read_plain({frame, length, length}, server);
        return hit.has_port ? classes_.of(system_, hit.protocol, hit.port) : PortClass::none;
    }

    static_assert((kProtocol & 0xFFFFU) == 0);         // a port fits beside it: little-endian
    static constexpr std::uint32_t kNone = 0x00FF0000; // no protocol and port

    const PortClasses& classes_;
    SystemIndex system_;
    std::uint32_t key_ = kNone;
    std::uint64_t one_ = 0;
};

} // namespace sweepgate::filter
