// SPDX-License-Identifier: Apache-2.0
// The ends of a hit, read straight from a frame that the screen found plain. For the packet path;
// ends_of() says the same of any frame, and takes ten times as long.
#pragma once

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

/// The class of the server's port alone, for every hit. Takes what read_plain() takes, and says
/// what its port comes to. Hits of one burst are often alike, so the last one of untagged IPv4 is
/// remembered: one of these for each burst, because tables may be swapped between two.
class PlainPortClass {
public:
    /// `classes` may be null as long as nothing is asked.
    explicit PlainPortClass(const PortClasses* classes) : classes_(classes) {}

    [[gnu::always_inline]] PortClass of(const Judgement& judgement, const std::uint8_t* frame,
                                        std::size_t length) noexcept {
        // type (2), version and header length (1), class (1), total length (2), number (2), then
        // fragment offset (13 bits), hops (1), protocol (1)
        const auto type = read32(frame + kEthernetHeader - 2) >> 8U;
        const auto* header = frame + kEthernetHeader;
        const auto rest = read32(header + 6);
        if (type != 0x080045 || (rest & 0x1FFF0000U) != 0 || read16(header + 2) < kIpv4Header + 4)
            [[unlikely]]
            return of_any(judgement, frame, length);
        const auto port = read16(header + kIpv4Header + offset_of(judgement));
        const auto key = std::uint64_t{judgement.system} << 32U | (rest & 0xFFU) << 16U | port;
        if (key != key_) {
            key_ = key;
            class_ = classes_->of(judgement.system, static_cast<std::uint8_t>(rest), port);
        }
        return class_;
    }

private:
    /// Of the server's port within the two.
    static unsigned offset_of(const Judgement& judgement) noexcept {
        static_assert(static_cast<unsigned>(ServerEnd::source) == 1);
        static_assert(static_cast<unsigned>(ServerEnd::destination) == 2);
        return static_cast<unsigned>(judgement.server) & 2U;
    }
    [[gnu::noinline]] PortClass of_any(const Judgement& judgement, const std::uint8_t* frame,
                                       std::size_t length) const noexcept {
        const auto size = static_cast<std::uint32_t>(length);
        const auto hit = read_plain({frame, size, size}, judgement.server);
        return hit.has_port ? classes_->of(judgement.system, hit.protocol, hit.port)
                            : PortClass::none;
    }

    static constexpr std::uint64_t kNone = ~std::uint64_t{0};

    const PortClasses* classes_;
    std::uint64_t key_ = kNone; // system, protocol and port
    PortClass class_ = PortClass::none;
};

} // namespace sweepgate::filter
