// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/port_class.hpp"

#include "dataplane/filter/judge.hpp"
#include "dataplane/filter/plain_hit.hpp"
#include "dataplane/filter/port_classes.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

constexpr auto kClient = "192.0.2.1";
constexpr auto kAim = "203.0.113.9";
constexpr auto kMsn = "198.18.0.1"; // monitored

} // namespace

TEST_GROUP(PortClass) {
    const System irc{
        "irc", "IRC", "irc", {{Transport::tcp, 443, 443}, {Transport::tcp, 6660, 6669}}, {}};
};

TEST(PortClass, IsOwnBeforeItIsEvasion) {
    CHECK_TRUE(port_class_of(irc, 6, 443) == PortClass::own);
    CHECK_TRUE(port_class_of(irc, 6, 6669) == PortClass::own);
    CHECK_TRUE(port_class_of(irc, 17, 443) == PortClass::evasion);
    CHECK_TRUE(port_class_of(irc, 6, 80) == PortClass::evasion);
    CHECK_TRUE(port_class_of(irc, 6, 6670) == PortClass::other);
    CHECK_TRUE(port_class_of(irc, 6, {}) == PortClass::none);
}

TEST(PortClass, IsTheSamePrecomputed) {
    const std::vector<System> systems{
        irc,
        {"wide", "", "", {{Transport::tcp, 1, 65535}, {Transport::sctp, 255, 512}}, {}},
        {"bare", "", "", {}, {}},
        {"udp", "", "", {{Transport::udp, 53, 53}, {Transport::udp, 40000, 50000}}, {}}};
    const PortClasses classes(systems);
    for (SystemIndex i = 0; i < systems.size(); ++i)
        for (const auto protocol : std::array<std::uint8_t, 3>{6, 17, 132})
            for (unsigned port = 0; port < 65536; ++port) {
                const auto number = static_cast<std::uint16_t>(port);
                CHECK_TRUE(port_class_of(systems[i], protocol, number) ==
                           classes.of(i, protocol, number));
            }
    CHECK_TRUE(classes.of(1, 1, 443) == PortClass::none); // ICMP
    CHECK_TRUE(classes.memory_bytes() < 32'000);
}

TEST_GROUP(PlainHit) {
    const Snapshot snapshot = snapshot_of({{"203.0.113.0/24", 0},
                                           {"198.18.0.0/24", 2},
                                           {"198.51.100.0/24", 0, Scope::shared},
                                           {"2001:db8:5::/48", 1}});
    const std::unique_ptr<const Tables> tables = Tables::compile(snapshot).value();

    const PortClasses classes{tables->systems()};

    /// Whether the quick way was open; then it must say what the slow one says.
    bool is_plain(const PacketBuilder& builder) { return is_plain(builder.bytes()); }
    bool is_plain(const std::vector<std::uint8_t>& bytes) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const Frame frame{bytes.data(), size, size};
        Judgement judgement;
        CHECK_EQUAL(1U, judge_burst(*tables, MalformedFate::drop, &frame, 1, &judgement));
        if (judgement.server == ServerEnd::unknown) return false;
        const auto hit = read_plain(frame.bytes, judgement);
        const auto ends = ends_of(*tables, frame, judgement);
        const auto client = address_from_bytes({hit.client, hit.is_ipv4 ? std::size_t{4} : 16});
        CHECK_TRUE(ends.sides.client == client.value());
        CHECK_EQUAL(ends.protocol, hit.protocol);
        PortClassCounts counts;
        PlainPortClass(classes, judgement.system).count(judgement, frame.bytes, counts);
        const auto port_class = port_class_of(tables->systems()[judgement.system], ends.protocol,
                                              ends.sides.server_port);
        CHECK_EQUAL(1U, counts.of(static_cast<std::size_t>(port_class)));
        CHECK_TRUE(ends.sides.server_port ==
                   (hit.has_port ? std::optional(hit.port) : std::nullopt));
        return true;
    }

    /// Whether what is known of one hit holds for the other.
    bool covers(const PacketBuilder& one, const PacketBuilder& other) {
        const auto bytes = one.bytes();
        const auto others = other.bytes();
        const std::array<Frame, 2> frames{frame_of(bytes), frame_of(others)};
        std::array<Judgement, 2> judgements;
        CHECK_EQUAL(3U,
                    judge_burst(*tables, MalformedFate::drop, frames.data(), 2, judgements.data()));
        return PlainHitLike(judgements[0], frames[0].bytes).covers(judgements[1], frames[1].bytes);
    }
    static Frame frame_of(const std::vector<std::uint8_t>& bytes) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        return {bytes.data(), size, size};
    }
};

TEST(PlainHit, CoversWhatHasItsClassForTheSameReasons) {
    const auto one = packet().ipv4(kClient, kAim).tcp(40000, 5190);
    CHECK_TRUE(covers(one, packet().ipv4("192.0.2.7", "203.0.113.77").tcp(40001, 5190)));
    CHECK_FALSE(covers(one, packet().ipv4(kClient, kAim).tcp(40000, 443)));
    CHECK_FALSE(covers(one, packet().ipv4(kClient, kAim).udp(40000, 5190)));
    CHECK_FALSE(covers(one, packet().ipv4(kClient, kMsn).tcp(40000, 5190)));
    CHECK_FALSE(covers(one, packet().ipv4(kAim, kClient).tcp(40000, 5190)));
    CHECK_FALSE(covers(one, packet().vlan(7).ipv4(kClient, kAim).tcp(40000, 5190)));
    CHECK_FALSE(covers(one, packet().ipv4(kClient, kAim).icmp(8)));
    const auto ping = packet().ipv4(kClient, kAim).icmp(8);
    CHECK_TRUE(covers(ping, ping));
    CHECK_FALSE(covers(ping, one));
    // What is no untagged IPv4 is looked at again.
    const auto tagged = packet().vlan(7).ipv4(kClient, kAim).tcp(40000, 5190);
    CHECK_FALSE(covers(tagged, tagged));
}

TEST(PlainHit, SaysWhatParsingSays) {
    CHECK_TRUE(is_plain(packet().ipv4(kClient, kAim).tcp(40000, 443)));
    CHECK_TRUE(is_plain(packet().ipv4(kAim, kClient).sctp(443, 40000)));
    CHECK_TRUE(is_plain(packet().vlan(7).ipv4(kMsn, kClient).udp(1863, 40000)));
    CHECK_TRUE(is_plain(packet().tag(0x88A8, 3).vlan(7).ipv4(kClient, kMsn).tcp(1, 2)));
    CHECK_TRUE(is_plain(packet().ipv4(kClient, "198.51.100.1").tcp(40000, 5190)));
    CHECK_TRUE(is_plain(packet().ipv6("2001:db8::1", "2001:db8:5::1").udp(1, 53)));
    CHECK_TRUE(is_plain(packet().vlan(7).ipv6("2001:db8:5::1", "2001:db8::1").tcp(443, 9)));
}

TEST(PlainHit, HasNoPortWhereThereIsNone) {
    CHECK_TRUE(is_plain(packet().ipv4(kClient, kAim).icmp(8)));
    CHECK_TRUE(is_plain(packet().ipv4(kClient, kAim, 100).raw(std::vector<std::uint8_t>(30, 1))));
    CHECK_TRUE(is_plain(packet().ipv4(kClient, kAim).protocol(6).padded(60))); // in the padding
    CHECK_TRUE(is_plain(packet().ipv6("2001:db8::1", "2001:db8:5::1").protocol(6).padded(80)));
}

TEST(PlainHit, IsNotForOddPacketsOrTwoListedEnds) {
    CHECK_FALSE(is_plain(packet().ipv4(kAim, kMsn).tcp(5190, 1863)));
    CHECK_FALSE(is_plain(packet().mpls().ipv4(kClient, kAim).tcp(1, 2)));
    CHECK_FALSE(is_plain(packet().ipv6("2001:db8::1", "2001:db8:5::1").extension(60).tcp(1, 2)));
}

TEST_GROUP(Sides) {
    const Snapshot snapshot = snapshot_of({{"203.0.113.0/24", 0}, {"198.18.0.0/24", 2}});
    const std::unique_ptr<const Tables> tables = Tables::compile(snapshot).value();

    Sides of(const PacketBuilder& builder) {
        const auto frame = builder.bytes();
        const auto parsed = parse(frame.data(), frame.size());
        return sides_of(*tables, parsed, to_judgement(judge(*tables, parsed)));
    }
    void check(const Sides& sides, const char* client, const char* server, std::uint16_t port) {
        CHECK_TRUE(sides.client == parse_address(client).value());
        CHECK_TRUE(sides.server == parse_address(server).value());
        CHECK_EQUAL(port, sides.server_port.value());
    }
};

TEST(Sides, AreTheSameInBothDirections) {
    check(of(packet().ipv4(kClient, kAim).tcp(40000, 443)), kClient, kAim, 443);
    check(of(packet().ipv4(kAim, kClient).tcp(443, 40000)), kClient, kAim, 443);
}

TEST(Sides, BelongToTheListingThatDecided) {
    // The destination is monitored, the source dropped: the harder one is the judgement.
    check(of(packet().ipv4(kAim, kMsn).tcp(5190, 1863)), kMsn, kAim, 5190);
    check(of(packet().ipv4(kMsn, kAim).tcp(1863, 5190)), kMsn, kAim, 5190);
}

TEST(Sides, OfTwoListedEndsAreThoseOfTheDestination) {
    check(of(packet().ipv4("203.0.113.1", "203.0.113.2").tcp(1, 2)), "203.0.113.1", "203.0.113.2",
          2);
}

TEST(Sides, AreTheSameOverTheRateAsWithin) {
    auto limiting = snapshot;
    limiting.rules.actions[0][0] = Action::limit;
    limiting.rules.systems[0].packets_per_second = 1;
    limiting.rules.inspect_tunnels = true;
    const auto limited = Tables::compile(limiting).value();
    const auto plain = packet().ipv4(kClient, kAim).tcp(40000, 443).bytes();
    const auto tunnel =
        packet().ipv4("192.0.2.8", "192.0.2.9").gre().ipv4(kClient, kAim).tcp(40000, 443).bytes();
    for (const auto& bytes : {plain, tunnel}) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const Frame frame{bytes.data(), size, size};
        Judgement judgement;
        CHECK_EQUAL(1U, judge_burst(*limited, MalformedFate::drop, &frame, 1, &judgement));
        CHECK_TRUE(judgement.verdict == Verdict::limit);
        check(ends_of(*limited, frame, judgement).sides, kClient, kAim, 443);
        judgement.verdict = Verdict::drop_limited; // as whoever meters makes it
        check(ends_of(*limited, frame, judgement).sides, kClient, kAim, 443);
    }
}
