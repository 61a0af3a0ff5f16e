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
    void add(PortClass port_class, unsigned packets = 1) noexcept {
        packets_ += std::uint64_t{packets} << (kBits * static_cast<unsigned>(port_class));
    }
    [[nodiscard]] std::uint64_t of(std::size_t port_class) const noexcept {
        return packets_ >> (kBits * port_class) & ((std::uint64_t{1} << kBits) - 1);
    }

private:
    static constexpr unsigned kBits = 16; // a burst is shorter than 65,536
    static_assert(kPortClasses * kBits <= 64);
    std::uint64_t packets_ = 0;
};

/// The port class of a hit, and which other hits have the same because all that it follows from is
/// the same. Hits of one burst are often alike, and comparing is cheaper than looking up.
class PlainPortClass {
public:
    /// Takes what read_plain() takes, and gives what its port comes to.
    PlainPortClass(const PortClasses& classes, const Judgement& judgement,
                   const std::uint8_t* frame, std::uint32_t length) noexcept
        : like_(judgement), port_at_(kIpv4Header + (static_cast<unsigned>(judgement.server) & 2U)) {
        static_assert(static_cast<unsigned>(ServerEnd::source) == 1);
        static_assert(static_cast<unsigned>(ServerEnd::destination) == 2);
        const auto hit = read_plain({frame, length, length}, judgement.server);
        if (!hit.has_port) return;
        port_class_ = classes.of(judgement.system, hit.protocol, hit.port);
        const auto* header = frame + kEthernetHeader;
        if ((load<std::uint32_t>(header - 2) & kTypeAndLength) != kPlainIpv4) return;
        type_ = kPlainIpv4;
        rest_ = load<std::uint32_t>(header + 6) & kProtocol;
        port_ = load<std::uint16_t>(header + port_at_);
    }
    [[nodiscard]] PortClass port_class() const noexcept { return port_class_; }

    /// Whether another plain hit has the same class for the same reasons. False says nothing.
    [[nodiscard, gnu::always_inline]] bool covers(const Judgement& judgement,
                                                  const std::uint8_t* frame) const noexcept {
        // type (2), version and header length (1), class (1), total length (2), number (2), then
        // fragment offset (13 bits), hops (1), protocol (1); as they lie in memory
        const auto* header = frame + kEthernetHeader;
        if (read16(header + 2) < kIpv4Header + 4) [[unlikely]]
            return false;
        const auto differs = (word_of(judgement) ^ word_of(like_)) |
                             ((load<std::uint32_t>(header - 2) ^ type_) & kTypeAndLength) |
                             ((load<std::uint32_t>(header + 6) ^ rest_) & (kOffset | kProtocol)) |
                             std::uint32_t(load<std::uint16_t>(header + port_at_) ^ port_);
        return differs == 0;
    }

private:
    static std::uint32_t word_of(const Judgement& judgement) {
        return std::bit_cast<std::uint32_t>(judgement);
    }

    static constexpr auto kTypeAndLength = filter::word_of(0xFF, 0xFF, 0xFF, 0);
    static constexpr auto kPlainIpv4 = filter::word_of(0x08, 0x00, 0x45, 0);
    static constexpr auto kOffset = filter::word_of(0x1F, 0xFF, 0, 0);
    static constexpr auto kProtocol = filter::word_of(0, 0, 0, 0xFF);

    Judgement like_;
    std::uint32_t port_at_;  // of the server's, in the header
    std::uint32_t type_ = 0; // no frame's: covers nothing
    std::uint32_t rest_ = 0;
    std::uint16_t port_ = 0;
    PortClass port_class_ = PortClass::none;
};

} // namespace sweepgate::filter
