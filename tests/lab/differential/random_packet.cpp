// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/differential/random_packet.hpp"

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/model/random_snapshot.hpp"

namespace sweepgate::testing {

namespace {

using filter::PacketBuilder;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint8_t kExperimental = 253; // RFC 3692

unsigned below(std::mt19937& random, unsigned limit) {
    return static_cast<unsigned>(random() % limit);
}

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
    switch (below(random, 8)) {
    case 0:
        flow.ports.reset();
        flow.protocol = flow.source.family == Family::ipv4 ? 1 : 58;
        builder.icmp(flow.source.family == Family::ipv4 ? 8 : 128);
        return " icmp";
    case 1:
        flow.ports.reset();
        flow.protocol = kExperimental;
        builder.protocol(kExperimental).raw(std::vector<std::uint8_t>(16, 0x5A));
        return " experimental";
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

} // namespace

RandomPacket random_packet(std::mt19937& random) {
    RandomPacket made;
    made.flow = random_flow(random);
    PacketBuilder builder;
    for (auto tags = below(random, 3); tags > 0; --tags) {
        builder.vlan(static_cast<std::uint16_t>(100 + tags));
        made.network += 4;
    }
    made.network += 14;
    const auto fragment = random_fragment(random);
    const bool is_ipv4 = made.flow.source.family == Family::ipv4;
    made.shape = is_ipv4 ? begin_ipv4(builder, made.flow, fragment, random)
                         : begin_ipv6(builder, made.flow, fragment, random);
    if (fragment != Fragment::none)
        made.shape += fragment == Fragment::first ? " first fragment" : " later fragment";
    made.shape += put_transport(builder, made.flow, fragment, random);
    made.frame = builder.bytes();
    if (is_ipv4) fill_ipv4_checksum(made.frame, made.network);
    return made;
}

} // namespace sweepgate::testing
