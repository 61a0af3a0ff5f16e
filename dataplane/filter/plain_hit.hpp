// SPDX-License-Identifier: Apache-2.0
// The ends of a hit, read straight from a frame that the screen found plain. For the packet path;
// ends_of() says the same of any frame, and takes ten times as long.
#pragma once

#include <bit>
#include <cstdint>

#include "dataplane/filter/bytes.hpp"
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

/// The IP header of a plain packet whose server is known.
[[gnu::always_inline]] inline const std::uint8_t* header_of(const Judgement& judgement,
                                                            const std::uint8_t* frame) noexcept {
    return frame + kEthernetHeader + std::size_t{judgement.tags} * kTagBytes;
}

/// Whether as much as the two ports follows a plain packet's header, in the datagram and so in
/// memory; not so in a later fragment. Without a branch: families are mixed.
[[gnu::always_inline]] inline bool carries_ports(const Judgement& judgement,
                                                 const std::uint8_t* header) noexcept {
    const unsigned six = judgement.is_ipv6;
    const auto length = read16(header + 2 + 2 * six); // with the header, of IPv4
    const auto offset = read16(header + 6) & 0x1FFFU & (six - 1);
    return (length >= 4 + kIpv4Header * (1 - six)) & (offset == 0);
}

[[gnu::always_inline]] inline std::uint8_t protocol_of(const Judgement& judgement,
                                                       const std::uint8_t* header) noexcept {
    return header[9 - 3 * judgement.is_ipv6];
}

/// Where the server's port is.
[[gnu::always_inline]] inline const std::uint8_t*
server_port_of(const Judgement& judgement, const std::uint8_t* header) noexcept {
    static_assert(static_cast<unsigned>(ServerEnd::source) == 1);
    static_assert(static_cast<unsigned>(ServerEnd::destination) == 2);
    static_assert(kIpv6Header == 2 * kIpv4Header);
    return header + kIpv4Header * (1 + judgement.is_ipv6) +
           (static_cast<unsigned>(judgement.server) & 2U);
}

/// Ports are those of TCP, UDP and SCTP.
///   frame      plain (screen.hpp): tags, a fixed header without options, no extension
///   judgement  of a screen, which knows the server
inline PlainHit read_plain(const std::uint8_t* frame, const Judgement& judgement) noexcept {
    const auto* header = header_of(judgement, frame);
    const bool from_server = judgement.server == ServerEnd::source;
    PlainHit hit;
    hit.is_ipv4 = !judgement.is_ipv6;
    hit.protocol = protocol_of(judgement, header);
    hit.client = hit.is_ipv4 ? header + 12 + 4 * from_server : header + 8 + 16 * from_server;
    const bool has_ports = hit.protocol == static_cast<std::uint8_t>(Transport::tcp) ||
                           hit.protocol == static_cast<std::uint8_t>(Transport::udp) ||
                           hit.protocol == static_cast<std::uint8_t>(Transport::sctp);
    hit.has_port = has_ports && carries_ports(judgement, header);
    if (hit.has_port) hit.port = read16(server_port_of(judgement, header));
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

/// What the port class of a hit follows from, to be compared with what follows it: in a burst of
/// many hits they are often alike, and comparing is cheaper than reading. Of untagged IPv4.
class PlainHitLike {
public:
    /// Takes what read_plain() takes.
    PlainHitLike(const Judgement& judgement, const std::uint8_t* frame) noexcept
        : port_at_(kIpv4Header + (static_cast<unsigned>(judgement.server) & 2U)) {
        const auto* header = frame + kEthernetHeader;
        if (judgement.server == ServerEnd::unknown || judgement.is_ipv6 || judgement.tags != 0 ||
            read16(header + 2) < kIpv4Header + 4)
            return;
        judgement_ = std::bit_cast<std::uint32_t>(judgement);
        rest_ = load<std::uint32_t>(header + 6) & (kOffset | kProtocol);
        port_ = load<std::uint16_t>(header + port_at_);
    }
    /// Whether another hit has the same class for the same reasons. False says nothing.
    [[nodiscard, gnu::always_inline]] bool covers(const Judgement& judgement,
                                                  const std::uint8_t* frame) const noexcept {
        const auto* header = frame + kEthernetHeader;
        if (read16(header + 2) < kIpv4Header + 4) [[unlikely]]
            return false;
        const auto differs = (std::bit_cast<std::uint32_t>(judgement) ^ judgement_) |
                             ((load<std::uint32_t>(header + 6) ^ rest_) & (kOffset | kProtocol)) |
                             std::uint32_t(load<std::uint16_t>(header + port_at_) ^ port_);
        return differs == 0;
    }

private:
    // Of a header's bytes 6 to 9: fragment offset (13 bits), hops, protocol.
    static constexpr auto kOffset = word_of(0x1F, 0xFF, 0, 0);
    static constexpr auto kProtocol = word_of(0, 0, 0, 0xFF);

    std::uint32_t port_at_;                       // of the server's, in the header
    std::uint32_t judgement_ = ~std::uint32_t{0}; // no packet's: covers nothing
    std::uint32_t rest_ = 0;
    std::uint16_t port_ = 0;
};

/// Counts hits of one system by the class of the server's port alone. Takes what read_plain()
/// takes, and counts what its port comes to. Hits of one burst are often alike, so the last one is
/// remembered.
class PlainPortClass {
public:
    PlainPortClass(const PortClasses& classes, SystemIndex system)
        : classes_(classes), system_(system) {}

    /// Returns what it added.
    [[gnu::always_inline]] std::uint64_t
    count(const Judgement& judgement, const std::uint8_t* frame, PortClassCounts& counts) noexcept {
        const auto* header = header_of(judgement, frame);
        if (!carries_ports(judgement, header)) [[unlikely]] {
            constexpr auto kOne = PortClassCounts::one(PortClass::none);
            counts.add(kOne);
            return kOne;
        }
        const auto* port = server_port_of(judgement, header);
        const auto protocol = protocol_of(judgement, header);
        const auto key = std::uint32_t{protocol} << 16U | load<std::uint16_t>(port);
        if (key != key_) {
            key_ = key;
            one_ = PortClassCounts::one(classes_.of(system_, protocol, read16(port)));
        }
        counts.add(one_);
        return one_;
    }

private:
    static constexpr std::uint32_t kNone = 0x0100'0000; // no protocol and port

    const PortClasses& classes_;
    SystemIndex system_;
    std::uint32_t key_ = kNone;
    std::uint64_t one_ = 0;
};

} // namespace sweepgate::filter
