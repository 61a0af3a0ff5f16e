// SPDX-License-Identifier: Apache-2.0
// Law: whatever the processor offers, a burst is judged as each of its packets is by itself. The
// frames end where memory ends, so a screen that reads one byte too many does not live.
#include <array>

#include "dataplane/filter/judge.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/places.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

Address near_an_entry(RandomSnapshots& random, const Snapshot& snapshot) {
    if (snapshot.entries.empty() || random.one_in(3)) return random.address();
    const auto& entry = snapshot.entries[random.below(snapshot.entries.size())].prefix;
    return random.one_in(2) ? entry.first() : entry.last();
}

void put_ip(PacketBuilder& builder, RandomSnapshots& random, const Snapshot& snapshot) {
    const auto source = near_an_entry(random, snapshot);
    auto destination = near_an_entry(random, snapshot);
    while (destination.family != source.family) destination = near_an_entry(random, snapshot);
    if (source.family == Family::ipv4) {
        constexpr std::array<std::uint16_t, 3> kFields{0x2000, 0x00B9, 0x4000};
        builder.ipv4(to_string(source), to_string(destination),
                     random.one_in(10) ? kFields[random.below(3)] : std::uint16_t{0},
                     random.one_in(10) ? random.below(4) : 0);
    } else {
        builder.ipv6(to_string(source), to_string(destination));
        constexpr std::array<std::uint8_t, 3> kExtensions{0, 43, 60};
        if (random.one_in(10)) builder.extension(kExtensions[random.below(3)]);
        if (random.one_in(20)) builder.fragment(random.one_in(2) ? 1 : 185 << 3);
    }
}

/// GRE and VXLAN; without them the next IP header stands in the one before.
void put_tunnel(PacketBuilder& builder, RandomSnapshots& random) {
    constexpr std::array<std::uint16_t, 6> kFlags{0, 0x8000, 0x2000, 0x3000, 0xB000, 0x4001};
    switch (random.below(4)) {
    case 0: builder.gre(kFlags[random.below(6)]); break;
    case 1: builder.gre(kFlags[random.below(6)]).ethernet(); break;
    case 2: builder.vxlan(random.one_in(8) ? 4790 : 4789, random.one_in(8) ? 0 : 8); break;
    default: break;
    }
}

std::vector<std::uint8_t> random_frame(RandomSnapshots& random, const Snapshot& snapshot) {
    constexpr std::array<std::uint16_t, 3> kTags{0x8100, 0x88A8, 0x9100};
    PacketBuilder builder;
    if (random.one_in(3))
        for (auto tags = random.below(4); tags > 0; --tags)
            builder.tag(kTags[random.below(3)], static_cast<std::uint16_t>(tags));
    if (random.one_in(10))
        builder.mpls(1 + static_cast<unsigned>(random.below(18)));
    else if (random.one_in(10))
        builder.pppoe(1, random.one_in(4));
    if (random.one_in(20)) {
        builder.ether(0x0806).raw(std::vector<std::uint8_t>(random.below(50)));
    } else {
        put_ip(builder, random, snapshot);
        for (auto depth = random.one_in(3) ? 1 + random.below(3) : 0; depth > 0; --depth) {
            put_tunnel(builder, random);
            put_ip(builder, random, snapshot);
        }
        if (!random.one_in(4)) builder.udp(1, static_cast<std::uint16_t>(random.below(8)));
    }
    auto frame = builder.bytes();
    if (random.one_in(10))
        frame[random.below(frame.size())] = static_cast<std::uint8_t>(random.below(256));
    if (random.one_in(10)) frame.resize(random.below(frame.size() + 1));
    if (random.one_in(4)) frame.resize(frame.size() + random.below(20)); // Ethernet padding
    return frame;
}

Judgement judged_alone(const Tables& tables, const std::vector<std::uint8_t>& frame) {
    const auto parsed = parse(frame.data(), frame.size());
    if (parsed.kind == Kind::not_ip) return {Verdict::pass_not_ip};
    if (parsed.kind == Kind::malformed) return {Verdict::drop_malformed};
    const auto ruling = judge_layers(tables, frame.data(), frame.size(), parsed);
    auto judgement = to_judgement(ruling.decision);
    judgement.is_inner = ruling.is_inner;
    return judgement;
}

} // namespace

TEST_GROUP(Screen) {
    Places places;
    Chains chains;
    std::array<Frame, kMaxBurst> frames;
    std::array<rte_mbuf*, kMaxBurst> pointers;
    std::array<Judgement, kMaxBurst> expected;
    std::size_t kinds[kVerdicts] = {};
    std::size_t inner = 0; // decided by what a tunnel carries

    void fill(RandomSnapshots & random, const Snapshot& snapshot, const Tables& tables,
              std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto frame = random_frame(random, snapshot);
            const auto size = static_cast<std::uint32_t>(frame.size());
            frames[i] = {places.put(i, frame), size, size};
            std::vector<std::size_t> cuts;
            if (random.one_in(8)) cuts = {random.below(frame.size() + 1)};
            if (!cuts.empty() && random.one_in(2))
                cuts.push_back(cuts[0] + random.below(frame.size() - cuts[0] + 1));
            pointers[i] = chains.put(i, frame, cuts);
            expected[i] = judged_alone(tables, frame);
            ++kinds[static_cast<std::size_t>(expected[i].verdict)];
            if (expected[i].is_inner) ++inner;
        }
    }
    void check(std::uint64_t judged, const std::array<Judgement, kMaxBurst>& judgements,
               std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const bool known = (judged >> i & 1U) != 0;
            CHECK_EQUAL(expected[i].verdict, known ? judgements[i].verdict : Verdict::pass);
            if (known) CHECK_TRUE(expected[i] == judgements[i]);
        }
        if (count < kMaxBurst) CHECK_EQUAL(0U, judged >> count);
    }
};

TEST(Screen, EachJudgesABurstAsItsPacketsAlone) {
    RandomSnapshots random(20261123);
    for (int round = 0; round < 200; ++round) {
        const auto snapshot = random.next();
        const auto tables = Tables::compile(snapshot).value();
        for (int burst = 0; burst < 8; ++burst) {
            const auto count = random.one_in(4) ? kMaxBurst : 1 + random.below(kMaxBurst);
            fill(random, snapshot, *tables, count);
            for (const auto& screen : screens()) {
                std::array<Judgement, kMaxBurst> judgements;
                check(judge_burst(*tables, MalformedFate::drop, frames.data(), count,
                                  judgements.data(), screen),
                      judgements, count);
                check(judge_burst(*tables, MalformedFate::drop, pointers.data(), count,
                                  judgements.data(), screen),
                      judgements, count);
            }
        }
    }
    // The test is worth nothing without every kind.
    for (const auto verdict :
         {Verdict::pass, Verdict::pass_allowed, Verdict::pass_not_ip, Verdict::monitor,
          Verdict::reject, Verdict::drop, Verdict::drop_malformed})
        CHECK_TRUE(kinds[static_cast<std::size_t>(verdict)] > 100);
    CHECK_TRUE(inner > 1000);
}

TEST(Screen, NeedsNoMoreThanTheHeadersOfAChain) {
    const auto snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    const auto tables = Tables::compile(snapshot).value();
    const auto frame = packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).bytes();
    // The rest of the datagram is in another segment, which does not matter.
    pointers[0] = chains.put(0, frame, {38});
    for (const auto& screen : screens()) {
        Judgement judgement;
        CHECK_EQUAL(
            1U, judge_burst(*tables, MalformedFate::drop, pointers.data(), 1, &judgement, screen));
        CHECK_EQUAL(Verdict::drop, judgement.verdict);
    }
}

TEST(Screen, PortableIsAlwaysThere) {
    CHECK_TRUE(!screens().empty());
    CHECK_TRUE(screens().back().name == "portable");
}
