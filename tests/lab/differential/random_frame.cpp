// SPDX-License-Identifier: Apache-2.0
// Random packets made wrong, long or something else.
#include <algorithm>
#include <array>

#include "tests/lab/differential/random_packet.hpp"
#include "tests/unit/filter/packet.hpp"

namespace sweepgate::testing {

namespace {

using filter::PacketBuilder;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kDestinationOptions = 60;

void put16(std::vector<std::uint8_t>& frame, std::size_t at, std::size_t value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8U);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

/// RFC 791, 3.1: a header of at least five words, a datagram that holds it and fits the frame.
void contradict_ipv4(RandomPacket& made, std::mt19937& random) {
    auto* ip = made.frame.data() + made.network;
    const auto rest = made.frame.size() - made.network;
    const auto header = (ip[0] & 0x0FU) * 4U;
    switch (below(random, 4)) {
    case 0: ip[0] = static_cast<std::uint8_t>(0x40U | below(random, 5)); break;
    case 1: put16(made.frame, made.network + 2, below(random, header)); break;
    case 2: put16(made.frame, made.network + 2, rest + 1 + below(random, 60'000)); break;
    default: // a header longer than its datagram
        ip[0] = 0x4F;
        put16(made.frame, made.network + 2, std::min<std::size_t>(rest, 59));
    }
}

/// RFC 8200, 3 and 4: a payload that fits the frame, and headers that fit the payload.
void contradict_ipv6(RandomPacket& made, std::mt19937& random) {
    auto* ip = made.frame.data() + made.network;
    const auto rest = made.frame.size() - made.network;
    if (below(random, 2) == 0 || rest > 2000 || rest < 48) {
        put16(made.frame, made.network + 4, rest - 40 + 1 + below(random, 60'000));
        return;
    }
    ip[6] = kDestinationOptions;
    ip[41] = 0xFF; // 2048 bytes
}

/// Makes the outermost IP header contradict itself, its session or its frame.
void contradict(RandomPacket& made, std::mt19937& random) {
    made.nature = Nature::malformed;
    made.shape += " contradictory";
    const bool is_ipv4 = made.layers.front().source.family == Family::ipv4;
    const bool is_named = !made.shape.starts_with("mpls"); // or its version says what it is
    if (is_named && below(random, 5) == 0) {
        made.frame[made.network] ^= static_cast<std::uint8_t>((1 + below(random, 15)) << 4U);
        return;
    }
    is_ipv4 ? contradict_ipv4(made, random) : contradict_ipv6(made, random);
}

/// RFC 2675, 3. Without its option, which says nothing that the frame does not.
void make_jumbogram(RandomPacket& made) {
    const auto* ip = made.frame.data() + made.network;
    if (made.layers.front().source.family != Family::ipv6 || ip[6] != kHopByHop) return;
    put16(made.frame, made.network + 4, 0);
    made.shape += " jumbogram";
}

} // namespace

RandomPacket random_frame(std::mt19937& random) {
    constexpr std::array<std::uint16_t, 4> kTypes{0x0806, 0x88CC, 0x8863, 0x0026};
    const auto drawn = below(random, 32);
    if (drawn == 0) {
        PacketBuilder builder;
        RandomPacket other{{}, 0, Nature::not_ip, {}, "not ip"};
        if (below(random, 2) == 0) builder.vlan(7);
        if (below(random, 2) == 0)
            builder.mpls(1 + below(random, 3)).raw({0, 0, 0, 0, 0x45, 0}); // a control word
        else
            builder.ether(kTypes[below(random, kTypes.size())]);
        other.frame = builder.raw(std::vector<std::uint8_t>(below(random, 60))).bytes();
        return other;
    }
    constexpr unsigned kJumbo = 3500; // what a test's buffer has room for
    auto made = random_packet(random, drawn == 2 ? kJumbo : 0);
    if (drawn == 3) contradict(made, random);
    if (drawn == 4) make_jumbogram(made);
    if (drawn == 1) {
        made.frame.resize(below(random, static_cast<unsigned>(made.frame.size())));
        made.nature = Nature::malformed;
        made.shape += " cut at " + std::to_string(made.frame.size());
    } else if (drawn > 4 && drawn < 10) {
        made.frame.resize(made.frame.size() + below(random, 20));
    }
    return made;
}

} // namespace sweepgate::testing
