// SPDX-License-Identifier: Apache-2.0
// One frame, read as far as a verdict needs it: tags, labels, sessions, addresses, transport,
// ports, and what a tunnel carries.
// Every length is checked before the bytes behind it are read, whatever the headers promise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "controlplane/model/address.hpp"
#include "controlplane/model/judge.hpp"

namespace sweepgate::filter {

enum class Kind : std::uint8_t {
    not_ip,    // ARP, LLDP, STP, every other ethertype, what else labels and sessions carry:
               // passes untouched
    ipv4,      // addresses are valid
    ipv6,      // addresses are valid
    malformed, // claims to be or to carry IP and contradicts itself or ends too early
};

struct Parsed {
    Uint128 source = 0; // host order; an IPv4 address occupies the low 32 bits
    Uint128 destination = 0;
    Kind kind = Kind::not_ip;
    std::uint8_t protocol = 0;      // transport behind all extension headers (IANA number)
    bool has_ports = false;         // source_port and destination_port were read
    bool is_fragment = false;       // any fragment of a longer datagram, the first included
    bool is_later_fragment = false; // any but the first: no transport header follows
    bool is_labelled = false;       // stands under an MPLS label stack
    bool is_cut = false;            // would have read more if all of the frame lay in memory
    std::uint32_t session = 0;      // offset of the PPPoE header; 0 without one
    std::uint32_t network = 0;      // offset of the IP header, bytes
    std::uint32_t transport = 0;    // offset of the transport header, bytes
    std::uint32_t end = 0;          // offset behind the IP datagram: Ethernet padding starts here
    std::uint16_t source_port = 0;  // host order
    std::uint16_t destination_port = 0;

    [[nodiscard]] bool is_ip() const { return kind == Kind::ipv4 || kind == Kind::ipv6; }

    /// One end of the packet, which is IP; its port only if it was read.
    struct End {
        Address address;
        std::optional<std::uint16_t> port;
    };
    [[nodiscard]] End source_end() const { return end_of(source, source_port); }
    [[nodiscard]] End destination_end() const { return end_of(destination, destination_port); }

private:
    [[nodiscard]] End end_of(Uint128 address, std::uint16_t port) const {
        const auto family = kind == Kind::ipv4 ? Family::ipv4 : Family::ipv6;
        return {{family, address}, has_ports ? std::optional(port) : std::nullopt};
    }
};

/// Deepest stack of VLAN tags looked through; a deeper one is not_ip.
inline constexpr unsigned kMaxTags = 8;
/// Deepest MPLS label stack looked through; a deeper one is not_ip.
inline constexpr unsigned kMaxLabels = 16;
/// Longest chain of IPv6 extension headers looked through; a longer one is malformed.
inline constexpr unsigned kMaxExtensions = 16;

/// Reads one frame that lies whole in memory. Understands Ethernet II (IEEE 802.3 clause 3),
/// 802.1Q and 802.1ad tags, MPLS label stacks (RFC 3032), PPPoE sessions (RFC 2516), IPv4
/// (RFC 791), IPv6 (RFC 8200) and the ports of TCP, UDP and SCTP.
///   frame    first byte of the destination MAC; may be null when length is 0
///   length   bytes without the frame check sequence
///   returns  malformed (RFC 1812, 5.2.2; RFC 8200, 3) when the frame ends inside a header,
///            a header length is impossible, the datagram is longer than the frame or session
///            that holds it, a label stack does not end, or a session is none (RFC 2516, 4)
/// A later fragment has no ports; nor has a first one that ends before them.
/// Nothing says what lies under a label stack; its first nibble is believed. An Ethernet
/// pseudowire without a control word whose first MAC begins with 4 or 6 is therefore read as IP,
/// as by every router that balances load (RFC 8469 has the control word for that).
[[nodiscard]] Parsed parse(const std::uint8_t* frame, std::size_t length) noexcept;

/// The same for a frame of which only the first `length` bytes lie at `frame`, while all of it
/// is `wire_length` long (a chain of buffers). Where headers go on behind the piece, is_cut is
/// set; the rest is as if the frame ended there.
[[nodiscard]] Parsed parse(const std::uint8_t* frame, std::size_t length,
                           std::size_t wire_length) noexcept;

/// The IP packet inside a tunnel: IPv4 and IPv6 in either (RFC 2003, 2473, 4213); GRE with IP,
/// Ethernet, labels or a session in it (RFC 2784, 2890); VXLAN to UDP port 4789 (RFC 7348).
///   frame    as given to parse(); `length` bytes lie there
///   outer    what parse() or this made of it
///   returns  not_ip when `outer` is no tunnel, a later fragment, or carries something else;
///            malformed when what is carried contradicts itself
/// In a first fragment the inner datagram may reach beyond the fragment.
[[nodiscard]] Parsed parse_inner(const std::uint8_t* frame, std::size_t length,
                                 const Parsed& outer) noexcept;

/// What an ICMP error quotes, if it is whole as controlplane/model/judge.hpp wants it.
///   frame   as given to parse(); `length` bytes lie there
///   parsed  what parse() or parse_inner() made of it; IP
///   is_cut  set when the quote goes on behind the piece
[[nodiscard]] std::optional<Quote> read_quote(const std::uint8_t* frame, std::size_t length,
                                              const Parsed& parsed, bool& is_cut) noexcept;

/// The same as the reference model takes it, without a quote. `parsed` is IP.
[[nodiscard]] Flow to_flow(const Parsed& parsed);

} // namespace sweepgate::filter
