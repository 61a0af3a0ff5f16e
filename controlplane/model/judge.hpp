// SPDX-License-Identifier: Apache-2.0
// The plain reference: what a snapshot says about one packet, straight from its definition and
// without any table. Both gates are tested against it; `why` and `plan` ask it.
//
//   1. Either end in `allow`                         -> pass.
//   2. Judge the destination as server (client = source, server port = destination port).
//      A terminal action (reject, drop) is the verdict.
//   3. Judge the source as server (client = destination, server port = source port).
//   4. The more severe of 2 and 3.
//   5. An ICMP error that quotes a packet one end of which is in `allow` -> pass, whatever 2 to 4
//      say of its own ends.
//
// One end as server: its class gives the systems; in scope `shared` only those count whose own
// ports hold the server port (a later fragment has no port, so none counts). The most severe
// action of the client's group over these systems wins; the lowest system index breaks ties.
//
// ICMP errors: the router that cannot forward a sanctioned host's packet may itself be listed, and
// without its word the path's MTU is never found (RFC 1191, RFC 8201).
//   - Errors are destination unreachable, time exceeded and parameter problem (RFC 792, types 3, 11
//     and 12), and ICMPv6 types 1 to 4 (RFC 4443). Not a redirect (5), which only speaks to hosts
//     of its own link, nor source quench (4), which nobody may send (RFC 6633).
//   - The quote begins behind the error's first eight bytes. It must be of the error's own family
//     and hold a header without options or extensions and eight bytes behind it, with a length that
//     says as much; the quoted packet is no fragment, the error no later one. Any other is judged
//     by its own ends, as is a quote of a packet that is not allowed.
//   - That the quoted source is the error's destination is not asked: the kernel's rules cannot
//     compare two fields of a packet, and who forges a quote can forge that as well.
//
// Tunnels (rules.inspect_tunnels): each layer of a packet is judged by itself, as above, and the
// most severe decision wins; among equals that of the outermost layer. So
//   - an outer end in `allow` lets the tunnel pass, not what is inside: else one sanctioned
//     concentrator would carry every listed server past the gate;
//   - an inner end in `allow` lets that inner flow pass, not a tunnel whose own end is listed;
//   - the client of an inner flow is its own other end, so groups list inner addresses as well.
// Only the DPDK gate sees inner layers; the kernel's rules judge the outermost one. A fragment that
// ends inside the headers of what it carries is malformed there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate {

struct Ports {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
};

/// The ends of the packet that an ICMP error is about; as above, so of a whole quote only.
struct Quote {
    Address source;
    Address destination;
};

struct Flow {
    Address source;
    Address destination;
    std::uint8_t protocol = 0;    // IANA number of the transport behind all extension headers
    std::optional<Ports> ports;   // none for a later fragment and for protocols without ports
    std::optional<Quote> quote{}; // of an ICMP error
};

/// The protocol whose messages may be errors that step 5 knows: ICMP or ICMPv6.
[[nodiscard]] constexpr std::uint8_t icmp_of(Family family) {
    return family == Family::ipv4 ? 1 : 58;
}
/// Whether such a message is one.
[[nodiscard]] constexpr bool is_icmp_error(Family family, std::uint8_t type) {
    if (family == Family::ipv6) return type >= 1 && type <= 4;
    return type == 3 || type == 11 || type == 12;
}

struct Decision {
    Action action = Action::pass;
    SystemIndex system = kNoSystem; // whose counter it is; none when no class matched or pass
    bool allowed = false;           // passed because of `allow`, its own or a quoted end's

    friend bool operator==(const Decision&, const Decision&) = default;
};

[[nodiscard]] Decision judge(const Snapshot& snapshot, const Flow& flow);

/// Layers of a packet inside the outermost one that count.
inline constexpr unsigned kMaxInnerLayers = 2;

/// The same of a packet with what it carries. `layers[0]` is the outermost IP header, each next
/// one what the layer before encapsulates (6in4, 4in6, IPIP, GRE, VXLAN); not empty. Those behind
/// kMaxInnerLayers do not count, and without rules.inspect_tunnels only the first does.
[[nodiscard]] Decision judge(const Snapshot& snapshot, std::span<const Flow> layers);

/// Step 2 or 3 alone: `server` as the listed end, `client` as the other.
[[nodiscard]] Decision judge_server(const Snapshot& snapshot, const Address& server,
                                    const Address& client, std::uint8_t protocol,
                                    std::optional<std::uint16_t> server_port);

/// The decision for one class, group and port: the only place where a class becomes an action.
[[nodiscard]] Decision decide(const Ruleset& rules, const AddressClass& address_class,
                              GroupIndex group, std::uint8_t protocol,
                              std::optional<std::uint16_t> server_port);

} // namespace sweepgate
