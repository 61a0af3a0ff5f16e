// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/differential/random_packet.hpp"

#include <array>

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/model/random_snapshot.hpp"

namespace sweepgate::testing {

namespace {

using filter::PacketBuilder;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint8_t kRouting = 43;
/// ESP, no next header, experimental (RFC 3692).
constexpr std::array<std::uint8_t, 3> kWithoutPorts{50, 59, 253};

enum class Fragment : std::uint8_t { none, first, later };

Fragment random_fragment(std::mt19937& random) {
    const auto drawn = below(random, 10);
    return drawn == 0 ? Fragment::first : drawn == 1 ? Fragment::later : Fragment::none;
}

std::string begin_ipv4(PacketBuilder& builder, const Flow& flow, Fragment fragment,
                       std::mt19937& random) {
    constexpr std::uint16_t kMoreFragments = 0x2000;
    const std::uint16_t field = fragment == Fragment::first   ? kMoreFragments
                                : fragment == Fragment::later ? 0x00B9 // at byte 1480
                                                              : 0;
    const auto options = below(random, 4);
    builder.ipv4(to_string(flow.source), to_string(flow.destination), field, options);
    return "ipv4 options " + std::to_string(options);
}

std::string begin_ipv6(PacketBuilder& builder, const Flow& flow, Fragment fragment,
                       std::mt19937& random) {
    builder.ipv6(to_string(flow.source), to_string(flow.destination));
    std::string shape = "ipv6";
    if (below(random, 5) == 0) {
        builder.extension(kHopByHop);
        shape += " hop-by-hop";
    }
    if (below(random, 5) == 0) {
        builder.extension(kDestinationOptions);
        shape += " destination-options";
    }
    if (below(random, 8) == 0) {
        builder.extension(kRouting, static_cast<std::uint8_t>(1 + below(random, 3)));
        shape += " routing";
    }
    if (fragment == Fragment::first) builder.fragment(0x0001);
    if (fragment == Fragment::later) builder.fragment(185 << 3);
    return shape;
}

/// Appends the transport and says in `flow` what a reader can know of it.
std::string put_transport(PacketBuilder& builder, Flow& flow, Fragment fragment,
                          std::mt19937& random) {
    const auto ports = flow.ports.value_or(Ports{});
    const bool readable = fragment != Fragment::later;
    flow.ports = readable ? std::optional(ports) : std::nullopt;
    if (fragment == Fragment::first && below(random, 4) == 0) {
        flow.ports.reset();
        flow.protocol = 6;
        builder.protocol(6).raw({0x14, 0x46, 0x14}); // ends within the second port
        return " tcp without ports";
    }
    switch (below(random, 9)) {
    case 8: // what it carries is signed, not hidden; it is the transport all the same
        flow.ports.reset();
        flow.protocol = 51;
        builder.authentication(static_cast<std::uint8_t>(3 + below(random, 4)));
        if (flow.source.family == Family::ipv6) builder.tcp(ports.source, ports.destination);
        return " authentication";
    case 0:
        flow.ports.reset();
        flow.protocol = flow.source.family == Family::ipv4 ? 1 : 58;
        builder.icmp(flow.source.family == Family::ipv4 ? 8 : 128);
        return " icmp";
    case 1:
        flow.ports.reset();
        flow.protocol = kWithoutPorts[below(random, kWithoutPorts.size())];
        builder.protocol(flow.protocol).raw(std::vector<std::uint8_t>(16, 0x5A));
        return " protocol " + std::to_string(flow.protocol);
    case 2:
        flow.protocol = 132;
        builder.sctp(ports.source, ports.destination);
        return " sctp";
    case 3:
    case 4:
        flow.protocol = 17;
        builder.udp(ports.source, ports.destination);
        return " udp";
    default:
        flow.protocol = 6;
        builder.tcp(ports.source, ports.destination);
        return " tcp";
    }
}

/// RFC 791, 3.1: routers discard a header with a wrong checksum.
void fill_ipv4_checksum(std::vector<std::uint8_t>& frame, std::size_t network) {
    const auto length = (frame[network] & 0x0FU) * 4U;
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < length; i += 2)
        sum += static_cast<std::uint32_t>(frame[network + i] << 8U | frame[network + i + 1]);
    while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
    frame[network + 10] = static_cast<std::uint8_t>(~sum >> 8U);
    frame[network + 11] = static_cast<std::uint8_t>(~sum);
}

/// What stands between the MACs and IP. Returns its bytes.
std::size_t put_link(PacketBuilder& builder, std::string& shape, std::mt19937& random) {
    constexpr std::array<std::uint16_t, 3> kTags{0x8100, 0x88A8, 0x9100};
    std::size_t bytes = 2;
    for (auto tags = below(random, 8) == 0 ? 3 + below(random, 2) : below(random, 3); tags > 0;
         --tags) {
        builder.tag(kTags[below(random, kTags.size())], static_cast<std::uint16_t>(0x6100 + tags));
        bytes += 4;
    }
    switch (below(random, 8)) {
    case 0: {
        const auto labels = 1 + below(random, 4);
        builder.mpls(labels, below(random, 2) == 0 ? 0x8847 : 0x8848);
        shape = "mpls ";
        return bytes + 4 * std::size_t{labels};
    }
    case 1:
        builder.pppoe(1);
        shape = "pppoe ";
        return bytes + 8;
    case 2:
        builder.pppoe(2, true);
        shape = "pppoe ";
        return bytes + 7;
    default: return bytes;
    }
}

/// Labels, a session, or neither, in front of an IP header that has an Ethernet type.
std::string put_carrier(PacketBuilder& builder, std::mt19937& random) {
    switch (below(random, 8)) {
    case 0: builder.mpls(1 + below(random, 3)); return " mpls";
    case 1: builder.pppoe(3, below(random, 2) == 0); return " pppoe";
    default: return "";
    }
}

/// GRE or VXLAN, or nothing: the next IP header then stands in the one before.
std::string put_tunnel(PacketBuilder& builder, Flow& outer, std::mt19937& random) {
    constexpr std::array<std::uint16_t, 5> kFlags{0, 0x8000, 0x2000, 0x3000, 0xB000};
    const auto flags = kFlags[below(random, kFlags.size())];
    switch (below(random, 4)) {
    case 0:
        builder.gre(flags);
        outer.protocol = 47;
        return " gre";
    case 1:
        builder.gre(flags).ethernet();
        outer.protocol = 47;
        if (below(random, 3) == 0) builder.vlan(9);
        return " gre ethernet" + put_carrier(builder, random);
    case 2:
        builder.vxlan();
        outer.protocol = 17;
        outer.ports = Ports{49152, 4789};
        if (below(random, 3) == 0) builder.tag(0x88A8, 5).vlan(9); // a customer's own QinQ
        return " vxlan" + put_carrier(builder, random);
    default: return "";
    }
}

/// One IP header with its options. Ports are those of a flow, until its transport is known.
Fragment put_ip(PacketBuilder& builder, RandomPacket& made, std::mt19937& random) {
    made.layers.push_back(random_flow(random));
    const auto& flow = made.layers.back();
    const auto fragment = random_fragment(random);
    made.shape += flow.source.family == Family::ipv4 ? begin_ipv4(builder, flow, fragment, random)
                                                     : begin_ipv6(builder, flow, fragment, random);
    if (fragment != Fragment::none)
        made.shape += fragment == Fragment::first ? " first fragment" : " later fragment";
    return fragment;
}

} // namespace

RandomPacket random_packet(std::mt19937& random, unsigned most_payload) {
    RandomPacket made;
    PacketBuilder builder;
    made.network = 12 + put_link(builder, made.shape, random);
    auto fragment = put_ip(builder, made, random);
    const bool is_ipv4 = made.layers.front().source.family == Family::ipv4;
    for (unsigned depth = 0; depth < 3 && below(random, 3) == 0; ++depth) {
        if (fragment == Fragment::later) break; // a header here would be payload
        auto& outer = made.layers.back();
        outer.ports.reset();
        const auto tunnel = put_tunnel(builder, outer, random);
        made.shape += tunnel + " ";
        fragment = put_ip(builder, made, random);
        auto& carrier = made.layers[made.layers.size() - 2];
        if (tunnel.empty())
            carrier.protocol = made.layers.back().source.family == Family::ipv4 ? 4 : 41;
    }
    made.shape += put_transport(builder, made.layers.back(), fragment, random);
    if (most_payload > 0) builder.raw(std::vector<std::uint8_t>(below(random, most_payload), 0x45));
    made.frame = builder.bytes();
    if (is_ipv4) fill_ipv4_checksum(made.frame, made.network);
    return made;
}

} // namespace sweepgate::testing
