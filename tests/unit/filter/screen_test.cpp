// SPDX-License-Identifier: Apache-2.0
// Law: whatever the processor offers, a burst is judged as each of its packets is by itself. The
// frames end where memory ends, so a screen that reads one byte too many does not live.
#include <sys/mman.h>

#include <algorithm>
#include <array>

#include <rte_mbuf.h>

#include "dataplane/filter/judge.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

/// Room for a burst; behind each place lies a page that nobody may touch.
class Places {
public:
    Places() {
        base_ =
            static_cast<std::uint8_t*>(mmap(nullptr, kMaxBurst * kStride, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (std::size_t i = 0; i < kMaxBurst; ++i)
            mprotect(base_ + i * kStride + kRoom, kStride - kRoom, PROT_NONE);
    }
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() { munmap(base_, kMaxBurst * kStride); }

    std::uint8_t* begin(std::size_t place) { return base_ + place * kStride; }
    std::uint8_t* put(std::size_t place, const std::vector<std::uint8_t>& frame) {
        auto* at = begin(place) + kRoom - frame.size();
        std::copy(frame.begin(), frame.end(), at);
        return at;
    }

private:
    static constexpr std::size_t kRoom = 4096;
    static constexpr std::size_t kStride = 8192;
    std::uint8_t* base_;
};

Address near_an_entry(RandomSnapshots& random, const Snapshot& snapshot) {
    if (snapshot.entries.empty() || random.one_in(3)) return random.address();
    const auto& entry = snapshot.entries[random.below(snapshot.entries.size())].prefix;
    return random.one_in(2) ? entry.first() : entry.last();
}

std::vector<std::uint8_t> random_frame(RandomSnapshots& random, const Snapshot& snapshot) {
    const auto source = near_an_entry(random, snapshot);
    auto destination = near_an_entry(random, snapshot);
    while (destination.family != source.family) destination = near_an_entry(random, snapshot);
    constexpr std::array<std::uint16_t, 3> kTags{0x8100, 0x88A8, 0x9100};
    PacketBuilder builder;
    if (random.one_in(3))
        for (auto tags = random.below(4); tags > 0; --tags)
            builder.tag(kTags[random.below(3)], static_cast<std::uint16_t>(tags));
    if (random.one_in(20)) {
        builder.ether(0x0806).raw(std::vector<std::uint8_t>(random.below(50)));
    } else if (source.family == Family::ipv4) {
        builder.ipv4(to_string(source), to_string(destination), 0,
                     random.one_in(10) ? random.below(4) : 0);
    } else {
        builder.ipv6(to_string(source), to_string(destination));
        constexpr std::array<std::uint8_t, 3> kExtensions{0, 43, 60};
        if (random.one_in(10)) builder.extension(kExtensions[random.below(3)]);
    }
    if (!random.one_in(4)) builder.udp(1, static_cast<std::uint16_t>(random.below(8)));
    auto frame = builder.bytes();
    if (random.one_in(10))
        frame[random.below(frame.size())] = static_cast<std::uint8_t>(random.below(256));
    if (random.one_in(10)) frame.resize(random.below(frame.size() + 1));
    if (random.one_in(4)) frame.resize(frame.size() + random.below(20)); // Ethernet padding
    return frame;
}

// Not part of the test group: CppUTest's operator new knows nothing of a type's alignment.
std::array<rte_mbuf, kMaxBurst> mbufs;

Judgement judged_alone(const Tables& tables, const std::vector<std::uint8_t>& frame) {
    const auto parsed = parse(frame.data(), frame.size());
    switch (parsed.kind) {
    case Kind::not_ip: return {Verdict::pass_not_ip, kNoSystem};
    case Kind::malformed: return {Verdict::drop_malformed, kNoSystem};
    default: return to_judgement(judge(tables, parsed));
    }
}

} // namespace

TEST_GROUP(Screen) {
    Places places;
    std::array<Frame, kMaxBurst> frames;
    std::array<rte_mbuf*, kMaxBurst> pointers;
    std::array<Judgement, kMaxBurst> expected;
    std::size_t kinds[kVerdicts] = {};

    void fill(RandomSnapshots & random, const Snapshot& snapshot, const Tables& tables,
              std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto frame = random_frame(random, snapshot);
            const auto* at = places.put(i, frame);
            const auto size = static_cast<std::uint32_t>(frame.size());
            frames[i] = {at, size, size};
            mbufs[i].buf_addr = places.begin(i);
            mbufs[i].data_off = static_cast<std::uint16_t>(at - places.begin(i));
            mbufs[i].data_len = static_cast<std::uint16_t>(size);
            mbufs[i].pkt_len = size;
            mbufs[i].vlan_tci = 0xFFFF; // lies beside data_len
            pointers[i] = &mbufs[i];
            expected[i] = judged_alone(tables, frame);
            ++kinds[static_cast<std::size_t>(expected[i].verdict)];
        }
    }
    void check(std::uint64_t judged, const std::array<Judgement, kMaxBurst>& judgements,
               std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const bool known = (judged >> i & 1U) != 0;
            CHECK_EQUAL(expected[i].verdict, known ? judgements[i].verdict : Verdict::pass);
            if (known) CHECK_EQUAL(expected[i].system, judgements[i].system);
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
}

TEST(Screen, LooksAtTheFirstSegmentOnly) {
    const auto snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    const auto tables = Tables::compile(snapshot).value();
    const auto frame = packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).bytes();
    mbufs[0].buf_addr = places.begin(0);
    mbufs[0].data_off = static_cast<std::uint16_t>(places.put(0, frame) - places.begin(0));
    mbufs[0].data_len = 38; // the rest of the datagram is in another segment
    mbufs[0].pkt_len = static_cast<std::uint32_t>(frame.size());
    pointers[0] = &mbufs[0];
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
