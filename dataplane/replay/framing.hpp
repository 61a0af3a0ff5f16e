// SPDX-License-Identifier: Apache-2.0
// A captured packet of any link type as the Ethernet frame that the filter reads.
#pragma once

#include <string>
#include <vector>

#include "dataplane/filter/frame.hpp"
#include "dataplane/replay/piece.hpp"

namespace sweepgate::replay {

struct Framed {
    filter::Frame frame;
    /// Why there is no frame: "link type 105 (IEEE 802.11)". Empty when there is one.
    std::string unjudged;
    /// Its length was not yet filled in: captured before the card cut it into segments. It is
    /// judged as if it reached to the end of the frame.
    bool is_unsegmented = false;
};

/// Understands Ethernet, Linux cooked (SLL, SLL2), raw IP of all numbers, IPv4, IPv6, BSD loopback
/// (NULL, LOOP), PPP with and without HDLC framing or direction, PPPoE and Cisco HDLC
/// (https://www.tcpdump.org/linktypes.html).
class Framer {
public:
    /// Valid as long as the packet, and until the next call.
    [[nodiscard]] Framed frame(const Packet& packet);

private:
    /// Ethernet's header with this type before what of the packet lies behind `skipped` bytes.
    void put_ethernet(const Packet& packet, std::size_t skipped, std::uint16_t type, Framed& into);
    void frame_ppp(const Packet& packet, std::size_t at, Framed& into);
    void frame_loopback(const Packet& packet, Framed& into);
    void frame_raw(const Packet& packet, Framed& into);
    void frame_cooked(const Packet& packet, std::size_t header, std::size_t protocol_at,
                      std::size_t hardware_at, Framed& into);
    void fill_in_length(Framed& framed);

    std::vector<std::uint8_t> made_;
};

/// What a frame is that the filter takes for not IP: "ARP", "802.1ah", "type 0x1234". Ends in
/// "not looked into" when IP may stand behind it.
[[nodiscard]] std::string kind_of_not_ip(const filter::Frame& frame);

} // namespace sweepgate::replay
