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
                       unsigned options) {
    constexpr std::uint16_t kMoreFragments = 0x2000;
    const std::uint16_t field = fragment == Fragment::first   ? kMoreFragments
                                : fragment == Fragment::later ? 0x00B9 // at byte 1480
                                                              : 0;
    builder.ipv4(to_string(flow.source), to_string(flow.destination), field, options);
    return "ipv4 options " + std::to_string(options);
}

/// `extensions`: bit 0 hop-by-hop, bit 1 destination options, from bit 2 on eight-byte words of
/// routing.
std::string begin_ipv6(PacketBuilder& builder, const Flow& flow, Fragment fragment,
                       unsigned extensions) {
    builder.ipv6(to_string(flow.source), to_string(flow.destination));
    std::string shape = "ipv6";
    if ((extensions & 1U) != 0) {
        builder.extension(kHopByHop);
        shape += " hop-by-hop";
    }
    if ((extensions & 2U) != 0) {
        builder.extension(kDestinationOptions);
        shape += " destination-options";
    }
    if (const auto words = extensions >> 2U; words != 0) {
        builder.extension(kRouting, static_cast<std::uint8_t>(words));
        shape += " routing";
    }
    if (fragment == Fragment::first) builder.fragment(0x0001);
    if (fragment == Fragment::later) builder.fragment(185 << 3);
    return shape;
}

unsigned random_extensions(std::mt19937& random) {
    unsigned extensions = 0;
    if (below(random, 5) == 0) extensions |= 1U;
    if (below(random, 5) == 0) extensions |= 2U;
    if (below(random, 8) == 0) extensions |= (1 + below(random, 3)) << 2U;
    return extensions;
}

/// The IP packet that an error quotes, from its header on, and what of it a reader may believe.
struct RandomQuote {
    std::vector<std::uint8_t> packet;
    std::optional<Quote> whole;
    std::string shape;
};

RandomQuote random_quote(Family family, std::mt19937& random) {
    constexpr std::size_t kEthernet = 14;
    auto flow = random_flow(random);
    while (flow.source.family != family && below(random, 8) > 0) flow = random_flow(random);
    const bool is_ipv4 = flow.source.family == Family::ipv4;
    const bool is_extended = below(random, 8) == 0;
    const auto fragment = below(random, 8) == 0 ? random_fragment(random) : Fragment::none;
    PacketBuilder builder;
    auto shape = is_ipv4 ? begin_ipv4(builder, flow, fragment, is_extended ? 1 : 0)
                         : begin_ipv6(builder, flow, fragment, is_extended ? 0x7U : 0U);
    builder.udp(1, 2).raw(std::vector<std::uint8_t>(below(random, 24), 0xA7));
    const auto frame = builder.bytes();
    std::vector<std::uint8_t> packet(frame.begin() + kEthernet, frame.end());
    bool is_whole = flow.source.family == family && !is_extended && fragment == Fragment::none;
    const std::size_t needed = (is_ipv4 ? 20U : 40U) + 8U;
    switch (below(random, 12)) {
    case 0:
        packet.resize(below(random, static_cast<unsigned>(packet.size())));
        is_whole = is_whole && packet.size() >= needed;
        shape += " cut at " + std::to_string(packet.size());
        break;
    case 1: { // shorter than it says, as most are; or it says too little
        const auto stated = below(random, 2) == 0 ? 1500U : below(random, is_ipv4 ? 30 : 10);
        packet[is_ipv4 ? 2 : 4] = static_cast<std::uint8_t>(stated >> 8U);
        packet[is_ipv4 ? 3 : 5] = static_cast<std::uint8_t>(stated);
        is_whole = is_whole && stated >= (is_ipv4 ? 28U : 8U);
        shape += " says " + std::to_string(stated);
        break;
    }
    case 2: {
        const auto version = below(random, 16);
        packet[0] = static_cast<std::uint8_t>(version << 4U | (packet[0] & 0xFU));
        is_whole = is_whole && version == (is_ipv4 ? 4U : 6U);
        shape += " version " + std::to_string(version);
        break;
    }
    default: break;
    }
    RandomQuote quote{std::move(packet), {}, std::move(shape)};
    if (is_whole) quote.whole = Quote{flow.source, flow.destination};
    return quote;
}

/// ICMP, an error most of the time.
std::string put_icmp(PacketBuilder& builder, Flow& flow, Fragment fragment, std::mt19937& random) {
    constexpr std::array<std::uint8_t, 8> kTypes4{3, 3, 11, 12, 4, 5, 8, 0};
    constexpr std::array<std::uint8_t, 8> kTypes6{1, 2, 2, 3, 4, 0, 5, 128};
    const auto family = flow.source.family;
    const auto type =
        family == Family::ipv4 ? kTypes4[below(random, 8)] : kTypes6[below(random, 8)];
    flow.ports.reset();
    flow.protocol = icmp_of(family);
    auto quote = random_quote(family, random);
    builder.icmp(type).raw(quote.packet);
    if (fragment != Fragment::later && is_icmp_error(family, type)) flow.quote = quote.whole;
    return " icmp " + std::to_string(type) + " about " + quote.shape +
           (flow.quote ? " (whole)" : "");
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
    switch (below(random, 11)) {
    case 9:
    case 10: return put_icmp(builder, flow, fragment, random);
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
    made.shape += flow.source.family == Family::ipv4
                      ? begin_ipv4(builder, flow, fragment, below(random, 4))
                      : begin_ipv6(builder, flow, fragment, random_extensions(random));
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
