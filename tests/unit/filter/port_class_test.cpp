// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/port_class.hpp"

#include "dataplane/filter/judge.hpp"
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
