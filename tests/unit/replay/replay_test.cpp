// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/replay.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/replay/made_capture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::replay;
using filter::packet;
using filter::PortClass;
using filter::Verdict;

namespace {

constexpr auto kClient = "192.0.2.1";
constexpr auto kAim = "203.0.113.9";  // dropped
constexpr auto kIrc = "198.51.100.9"; // rejected
constexpr auto kAim6 = "2001:db8:bad::9";
constexpr auto kFree = "198.51.100.200";

Bytes to(const char* destination, std::uint16_t port) {
    return packet().ipv4(kClient, destination).tcp(40000, port).bytes();
}

} // namespace

TEST_GROUP(Replay) {
    Folder folder;
    const Snapshot snapshot = filter::snapshot_of({{"203.0.113.0/24", 0},
                                                   {"198.51.100.0/25", 1},
                                                   {"2001:db8:bad::/48", 0},
                                                   {"198.18.0.0/24", 2}});
    const std::unique_ptr<const filter::Tables> tables = filter::Tables::compile(snapshot).value();

    Order order(const Bytes& capture) {
        return {folder.write("in", capture), folder / "passed", folder / "dropped"};
    }
    Outcome run(const Bytes& capture) {
        auto outcome = replay::replay(*tables, order(capture));
        CHECK_TRUE(outcome.has_value());
        return std::move(*outcome);
    }
    std::uint64_t packets(const Outcome& outcome, Verdict verdict) {
        return outcome.verdicts[static_cast<std::size_t>(verdict)].packets;
    }
    /// The only row.
    HitKey only_hit(const Bytes& frame) {
        const auto outcome = run(MadeCapture().record(1, 0, frame).bytes());
        UNSIGNED_LONGS_EQUAL(1, outcome.hits.rows());
        return outcome.hits.top(1)[0].key;
    }
};

TEST(Replay, SplitsACaptureWithoutTouchingItsRecords) {
    const auto arp = packet().ether(0x0806).raw(Bytes(28)).bytes();
    const auto seen = packet().ipv4(kClient, "198.18.0.1").udp(1, 1863).bytes();
    MadeCapture all, passed, dropped;
    std::uint32_t at = 0;
    const auto add = [&](const Bytes& frame, MadeCapture& where) {
        all.record(1'700'000'000, ++at, frame);
        where.record(1'700'000'000, at, frame);
    };
    for (int i = 0; i < 100; ++i) {
        add(to(kFree, 443), passed);
        add(to(kAim, 5190), dropped);
        add(arp, passed);
        add(to(kIrc, 6667), dropped);
        add(seen, passed); // monitored
    }
    const auto outcome = run(all.bytes());
    CHECK_TRUE(folder.read("passed") == passed.bytes());
    CHECK_TRUE(folder.read("dropped") == dropped.bytes());
    UNSIGNED_LONGS_EQUAL(500, outcome.all.packets);
    for (const auto verdict :
         {Verdict::pass, Verdict::drop, Verdict::pass_not_ip, Verdict::reject, Verdict::monitor})
        UNSIGNED_LONGS_EQUAL(100, packets(outcome, verdict));
    UNSIGNED_LONGS_EQUAL(3, outcome.hits.rows());
    CHECK_FALSE(outcome.fault.has_value());
}

TEST(Replay, NamesTheClientOfBothDirections) {
    const auto there = only_hit(to(kAim, 5190));
    const auto back = only_hit(packet().ipv4(kAim, kClient).tcp(5190, 40000).bytes());
    CHECK_TRUE(there == back);
    CHECK_TRUE(there.client == parse_address(kClient).value());
    CHECK_EQUAL(5190, there.server_port.value());
    CHECK_TRUE(there.port_class == PortClass::own);
    CHECK_EQUAL(0, there.system);
    CHECK_EQUAL(Verdict::drop, there.verdict);
}

TEST(Replay, TellsEvasionFromOtherPorts) {
    for (const int port : {21, 25, 53, 80, 443})
        CHECK_TRUE(only_hit(to(kAim, static_cast<std::uint16_t>(port))).port_class ==
                   PortClass::evasion);
    CHECK_TRUE(only_hit(to(kAim, 8080)).port_class == PortClass::other);
}

TEST(Replay, KnowsNoPortOfALaterFragment) {
    const auto key = only_hit(packet().ipv4(kClient, kAim, 100).raw(Bytes(40)).bytes());
    CHECK_TRUE(key.port_class == PortClass::none);
    CHECK_FALSE(key.server_port.has_value());
}

TEST(Replay, JudgesIpv6BehindTags) {
    const auto key = only_hit(packet().vlan(7).ipv6("2001:db8::1", kAim6).udp(40000, 53).bytes());
    CHECK_TRUE(key.client == parse_address("2001:db8::1").value());
    CHECK_TRUE(key.port_class == PortClass::evasion);
    CHECK_EQUAL(17, key.protocol);
}

TEST(Replay, JudgesFramesThatTheCaptureCutShort) {
    auto frame = packet().ipv4(kClient, kAim).tcp(40000, 443).raw(Bytes(1000)).bytes();
    const auto wire = static_cast<std::uint32_t>(frame.size());
    frame.resize(96);
    const auto outcome = run(MadeCapture().record(1, 0, frame, wire).bytes());
    UNSIGNED_LONGS_EQUAL(1, packets(outcome, Verdict::drop));
    UNSIGNED_LONGS_EQUAL(1, outcome.cut_short);
    UNSIGNED_LONGS_EQUAL(wire, outcome.all.bytes);
}

TEST(Replay, GivesBrokenHeadersTheirFate) {
    auto broken = to(kFree, 443);
    broken.resize(20);
    auto asked = order(MadeCapture().record(1, 0, broken).bytes());
    UNSIGNED_LONGS_EQUAL(1,
                         packets(replay::replay(*tables, asked).value(), Verdict::drop_malformed));
    asked.malformed = filter::MalformedFate::pass;
    UNSIGNED_LONGS_EQUAL(1,
                         packets(replay::replay(*tables, asked).value(), Verdict::pass_malformed));
}

TEST(Replay, KeepsWhatItJudgedBeforeAFault) {
    MadeCapture made, first;
    made.record(1, 0, to(kAim, 5190)).record(2, 0, to(kAim, 5190));
    first.record(1, 0, to(kAim, 5190));
    const Bytes cut(made.bytes().begin(), made.bytes().end() - 1);
    const auto outcome = run(cut);
    UNSIGNED_LONGS_EQUAL(1, packets(outcome, Verdict::drop));
    CHECK_TRUE(outcome.fault.has_value());
    CHECK_TRUE(outcome.fault->what.find("record 2") != std::string::npos);
    CHECK_TRUE(folder.read("dropped") == first.bytes());
}

TEST(Replay, WritesOnlyWhatIsAskedFor) {
    const auto capture = MadeCapture().record(1, 0, to(kAim, 5190)).bytes();
    auto asked = order(capture);
    asked.passed.clear();
    asked.dropped.clear();
    UNSIGNED_LONGS_EQUAL(1, packets(replay::replay(*tables, asked).value(), Verdict::drop));
    CHECK_FALSE(std::filesystem::exists(folder / "passed"));
    CHECK_FALSE(std::filesystem::exists(folder / "dropped"));
}

TEST(Replay, PutsTwoKindsIntoTwoFiles) {
    auto asked = order(MadeCapture().bytes());
    asked.dropped = asked.passed;
    CHECK_TRUE(replay::replay(*tables, asked).error().code == Errc::refused);
    asked.dropped = folder / "absent" / "dropped";
    CHECK_TRUE(replay::replay(*tables, asked).error().what.find("absent") != std::string::npos);
}

TEST(Replay, KeepsARateByTheTimesOfTheCapture) {
    auto limiting = snapshot;
    limiting.rules.actions[0][1] = Action::limit;
    limiting.rules.systems[1].packets_per_second = 20;
    const auto metered = filter::Tables::compile(limiting).value();
    MadeCapture all;
    for (std::uint32_t second : {100U, 101U, 160U})
        for (std::uint32_t i = 0; i < 50; ++i) all.record(second, 0, to(kIrc, 6667));
    const auto outcome = replay::replay(*metered, order(all.bytes())).value();
    UNSIGNED_LONGS_EQUAL(60, packets(outcome, Verdict::limit));
    UNSIGNED_LONGS_EQUAL(90, packets(outcome, Verdict::drop_limited));
    UNSIGNED_LONGS_EQUAL(2, outcome.hits.rows());
    CHECK_EQUAL(Verdict::drop_limited, outcome.hits.top(1)[0].key.verdict);
    CHECK_EQUAL(6667, outcome.hits.top(1)[0].key.server_port.value());
}

TEST(Replay, JudgesEachRecordByTheSchedulesOfItsTime) {
    auto timed = snapshot;
    const std::vector<std::optional<Action>> unchanged(4);
    Schedule lunch{"lunch", 1, 720, 780, Clock::utc, {unchanged, unchanged}};
    lunch.actions[0][0] = Action::pass;
    timed.rules.schedules = {lunch};
    constexpr std::uint32_t kNoon = 1'774'872'000; // Monday, 2026-03-30 12:00 UTC
    MadeCapture all;
    for (const auto at : {kNoon - 1, kNoon, kNoon + 3599, kNoon + 3600, kNoon + 60})
        all.record(at, 0, to(kAim, 5190));
    const auto outcome = replay::replay(timed, order(all.bytes())).value();
    UNSIGNED_LONGS_EQUAL(2, packets(outcome, Verdict::drop));
    UNSIGNED_LONGS_EQUAL(3, packets(outcome, Verdict::pass));
}

namespace {

Bytes without_ethernet(const Bytes& frame) { return {frame.begin() + 14, frame.end()}; }

Bytes cooked(const Bytes& frame) {
    Bytes bytes{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0};
    bytes.insert(bytes.end(), frame.begin() + 12, frame.end());
    return bytes;
}

} // namespace

TEST(Replay, JudgesEveryInterfaceOfACaptureByItsOwnLinkType) {
    MadeCaptureNg all, passed, dropped;
    for (auto* made : {&all, &passed, &dropped})
        made->interface(1, 262'144).interface(113, 96).interface(101).interface(105);
    const auto add = [&](std::uint32_t interface, const Bytes& bytes, MadeCaptureNg* where) {
        all.packet(interface, 5, bytes);
        if (where != nullptr) where->packet(interface, 5, bytes);
    };
    add(0, to(kAim, 443), &dropped);
    add(1, cooked(to(kAim, 443)), &dropped);
    add(2, without_ethernet(to(kAim, 443)), &dropped);
    add(2, without_ethernet(to(kFree, 443)), &passed);
    add(1, cooked(packet().ether(0x0806).raw(Bytes(28)).bytes()), &passed);
    add(3, Bytes(60, 0x08), nullptr);
    const auto outcome = run(all.bytes());
    CHECK_TRUE(folder.read("passed") == passed.bytes());
    CHECK_TRUE(folder.read("dropped") == dropped.bytes());
    UNSIGNED_LONGS_EQUAL(6, outcome.all.packets);
    UNSIGNED_LONGS_EQUAL(3, packets(outcome, Verdict::drop));
    UNSIGNED_LONGS_EQUAL(1, outcome.hits.rows()); // the same client, system and port
    UNSIGNED_LONGS_EQUAL(1, outcome.not_ip.all().at("ARP").packets);
    UNSIGNED_LONGS_EQUAL(1, outcome.not_judged.all().at("link type 105 (IEEE 802.11)").packets);
    CHECK_FALSE(outcome.fault.has_value());
}

TEST(Replay, CountsBytesOnTheWireOfEveryLinkType) {
    const auto frame = cooked(to(kAim, 443));
    const auto outcome =
        run(MadeCapture(0xA1B2C3D4, Order4::little, 113).record(1, 0, frame, 1500).bytes());
    UNSIGNED_LONGS_EQUAL(1500, outcome.all.bytes);
    UNSIGNED_LONGS_EQUAL(1500, outcome.hits.top(1)[0].tally.bytes);
}

TEST(Replay, DoesNotCallMalformedWhatTheCaptureCutWithinItsHeaders) {
    auto frame = to(kAim, 443);
    const auto wire = static_cast<std::uint32_t>(frame.size());
    frame.resize(30);
    const auto bytes = MadeCapture().record(1, 0, frame, wire).record(2, 0, to(kFree, 1)).bytes();
    const auto outcome = run(bytes);
    UNSIGNED_LONGS_EQUAL(0, packets(outcome, Verdict::drop_malformed));
    UNSIGNED_LONGS_EQUAL(1, outcome.not_judged.all().at("cut short within its headers").packets);
    CHECK_TRUE(folder.read("dropped") == MadeCapture().bytes());
}

TEST(Replay, JudgesSegmentsBeforeTheCardCutsThem) {
    auto segment = packet().ipv4(kClient, kAim).tcp(40000, 443).raw(Bytes(3000)).bytes();
    segment[16] = segment[17] = 0;
    const auto made = MadeCapture().record(1, 0, segment).bytes();
    const auto outcome = run(made);
    UNSIGNED_LONGS_EQUAL(1, packets(outcome, Verdict::drop));
    UNSIGNED_LONGS_EQUAL(1, outcome.unsegmented);
    CHECK_TRUE(folder.read("dropped") == made); // as it was
}

TEST(Replay, IsAFaultWhenNothingCanBeJudged) {
    const auto outcome =
        run(MadeCapture(0xA1B2C3D4, Order4::little, 105).record(1, 0, Bytes(60)).bytes());
    CHECK_TRUE(outcome.fault.has_value());
    STRCMP_CONTAINS("nothing in it can be judged: link type 105 (IEEE 802.11)",
                    outcome.fault->what.c_str());
}

TEST(Replay, JudgesAnIcmpErrorByWhatItQuotes) {
    const auto allowing =
        filter::Tables::compile(filter::snapshot_of({{"203.0.113.0/24", 0}}, {"203.0.113.9/32"}))
            .value();
    const auto error = [](const char* about) {
        return packet()
            .ipv4("203.0.113.1", kClient)
            .icmp_about(3)
            .ipv4(kClient, about)
            .tcp(1, 443)
            .bytes();
    };
    const auto asked =
        order(MadeCapture().record(1, 0, error(kAim)).record(2, 0, error("203.0.113.7")).bytes());
    const auto outcome = replay::replay(*allowing, asked).value();
    UNSIGNED_LONGS_EQUAL(1, packets(outcome, Verdict::pass_allowed));
    UNSIGNED_LONGS_EQUAL(1, packets(outcome, Verdict::drop));
}
