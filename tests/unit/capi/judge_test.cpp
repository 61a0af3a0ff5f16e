// SPDX-License-Identifier: Apache-2.0
#include <rte_mbuf.h>

#include "dataplane/filter/judge.hpp"

#include "tests/unit/capi/loaded.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::capi;
using filter::packet;
using filter::RandomSnapshots;
using filter::snapshot_of;

namespace {

using Bytes = std::vector<std::uint8_t>;

sgf_frame frame_of(const Bytes& bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    return {bytes.data(), length, length};
}

Bytes random_frame(RandomSnapshots& random, const Snapshot& snapshot) {
    const auto near = [&] {
        if (snapshot.entries.empty() || random.one_in(3)) return random.address();
        return snapshot.entries[random.below(snapshot.entries.size())].prefix.first();
    };
    const auto source = near();
    auto destination = near();
    while (destination.family != source.family) destination = near();
    auto builder = packet();
    if (random.one_in(8)) builder.vlan(7);
    if (random.one_in(16))
        builder.ether(0x0806).raw(Bytes(28));
    else if (source.family == Family::ipv4)
        builder.ipv4(to_string(source), to_string(destination));
    else
        builder.ipv6(to_string(source), to_string(destination));
    auto bytes = builder.udp(1, static_cast<std::uint16_t>(random.below(8))).bytes();
    if (random.one_in(8)) bytes.resize(random.below(bytes.size() + 1));
    return bytes;
}

struct Judged {
    std::uint64_t hits = 0;
    std::array<sgf_judgement, SGF_MAX_BURST> judgements{};
};

Judged judge(const sgf_filter* filter, std::uint32_t behaviour, const std::vector<Bytes>& burst) {
    std::vector<sgf_frame> frames;
    for (const auto& bytes : burst) frames.push_back(frame_of(bytes));
    Judged judged;
    judged.hits =
        sgf_judge_frames(filter, behaviour, frames.data(), frames.size(), judged.judgements.data());
    return judged;
}

const Bytes kArp = packet().ether(0x0806).raw(Bytes(28)).bytes();
const Bytes kIp = packet().ipv4("192.0.2.1", "198.51.100.1").udp(1, 53).bytes();
const Bytes kListed = packet().ipv4("192.0.2.1", "203.0.113.9").tcp(40000, 443).bytes();
const Bytes kBroken(kIp.begin(), kIp.begin() + 20);

} // namespace

TEST_GROUP(VendorsFilter) {
    const wire::SigningKey key = wire::SigningKey::generate();

    void check(std::uint64_t hits, const sgf_judgement* judgements, std::uint64_t expected_hits,
               const filter::Judgement* expected) {
        UNSIGNED_LONGS_EQUAL(expected_hits, hits);
        for (unsigned i = 0; i < SGF_MAX_BURST; ++i) {
            if ((hits >> i & 1U) == 0) continue;
            STRCMP_EQUAL(std::string(to_string(expected[i].verdict)).c_str(),
                         sgf_verdict_name(judgements[i].verdict));
            CHECK_EQUAL(filter::passes(expected[i].verdict) ? 1 : 0,
                        sgf_passes(judgements[i].verdict));
            CHECK_EQUAL(expected[i].system, judgements[i].system);
        }
    }
};

TEST(VendorsFilter, JudgesFramesAndBuffersAsTheGateDoes) {
    RandomSnapshots random(20261122);
    std::size_t hit = 0;
    for (int round = 0; round < 100; ++round) {
        const auto snapshot = random.next();
        const auto loaded = load(snapshot, key);
        const auto tables = filter::Tables::compile(snapshot).value();
        std::vector<Bytes> burst(1 + random.below(SGF_MAX_BURST));
        std::vector<filter::Frame> frames;
        std::vector<rte_mbuf> mbufs(burst.size());
        std::vector<rte_mbuf*> pointers;
        for (std::size_t i = 0; i < burst.size(); ++i) {
            burst[i] = random_frame(random, snapshot);
            const auto size = static_cast<std::uint32_t>(burst[i].size());
            frames.push_back({burst[i].data(), size, size});
            mbufs[i].buf_addr = burst[i].data();
            mbufs[i].data_len = static_cast<std::uint16_t>(size);
            mbufs[i].pkt_len = size;
            pointers.push_back(&mbufs[i]);
        }
        std::array<filter::Judgement, filter::kMaxBurst> expected;
        const auto hits = filter::judge_burst(*tables, filter::MalformedFate::drop, frames.data(),
                                              frames.size(), expected.data());
        const auto judged = judge(loaded.filter.get(), 0, burst);
        check(judged.hits, judged.judgements.data(), hits, expected.data());
        std::array<sgf_judgement, SGF_MAX_BURST> judgements;
        check(sgf_judge_mbufs(loaded.filter.get(), 0, pointers.data(), pointers.size(),
                              judgements.data()),
              judgements.data(), hits, expected.data());
        hit += static_cast<std::size_t>(std::popcount(hits));
    }
    CHECK_TRUE(hit > 500);
}

TEST(VendorsFilter, DropsIpAsLongAsThereIsNone) {
    const auto judged = judge(nullptr, 0, {kArp, kIp});
    UNSIGNED_LONGS_EQUAL(3, judged.hits);
    CHECK_EQUAL(SGF_PASS_NOT_IP, judged.judgements[0].verdict);
    CHECK_EQUAL(SGF_DROP_UNJUDGED, judged.judgements[1].verdict);
}

TEST(VendorsFilter, LetsIpPassWithoutOneWhenAskedTo) {
    const auto judged = judge(nullptr, SGF_PASS_WITHOUT_FILTER, {kIp});
    CHECK_EQUAL(SGF_PASS_UNJUDGED, judged.judgements[0].verdict);
}

TEST(VendorsFilter, DropsBrokenHeadersUnlessAskedNotTo) {
    const auto loaded = load(snapshot_of({{"203.0.113.0/24", 0}}), key);
    CHECK_EQUAL(SGF_DROP_MALFORMED, judge(loaded.filter.get(), 0, {kBroken}).judgements[0].verdict);
    CHECK_EQUAL(SGF_PASS_MALFORMED,
                judge(loaded.filter.get(), SGF_PASS_BROKEN, {kBroken}).judgements[0].verdict);
}

TEST(VendorsFilter, TakesNoNoticeOfBitsOfALaterVersion) {
    const auto loaded = load(snapshot_of({{"203.0.113.0/24", 0}}), key);
    const auto judged = judge(loaded.filter.get(), 0xFFFFFFF0U, {kListed, kBroken});
    CHECK_EQUAL(SGF_DROP, judged.judgements[0].verdict);
    CHECK_EQUAL(SGF_DROP_MALFORMED, judged.judgements[1].verdict);
}

TEST(VendorsFilter, StopsABurstThatIsTooLong) {
    const auto loaded = load(snapshot_of({}), key);
    const std::vector<sgf_frame> frames(SGF_MAX_BURST + 1, frame_of(kIp));
    std::vector<sgf_judgement> judgements(frames.size());
    CHECK_TRUE(~std::uint64_t{0} == sgf_judge_frames(loaded.filter.get(), 0, frames.data(),
                                                     frames.size(), judgements.data()));
    for (const auto& judgement : judgements) CHECK_EQUAL(SGF_DROP_UNJUDGED, judgement.verdict);
}

TEST(VendorsFilter, HasNothingToSayOfAnEmptyBurst) {
    const auto loaded = load(snapshot_of({}), key);
    UNSIGNED_LONGS_EQUAL(0, sgf_judge_frames(loaded.filter.get(), 0, nullptr, 0, nullptr));
    UNSIGNED_LONGS_EQUAL(0, sgf_judge_mbufs(nullptr, 0, nullptr, 0, nullptr));
}

TEST(VendorsFilter, NamesNoVerdictThatThereIsNot) {
    STRCMP_EQUAL("drop_malformed", sgf_verdict_name(SGF_DROP_MALFORMED));
    STRCMP_EQUAL("unknown", sgf_verdict_name(SGF_FIRST_STOPPED - 1));
    STRCMP_EQUAL("unknown", sgf_verdict_name(255));
}

TEST_GROUP(VendorsCounters) {
    const wire::SigningKey key = wire::SigningKey::generate();
    const Loading loaded = load(snapshot_of({{"203.0.113.0/24", 0}, {"198.51.100.0/25", 1}}), key);
    std::array<sgf_system_counters, 4> systems{};
    sgf_counters counters{sizeof counters, 0, {}, systems.data(), systems.size(), nullptr};
};

TEST(VendorsCounters, AddUpToThePackets) {
    const auto judged = judge(loaded.filter.get(), 0, {kArp, kListed, kIp, kListed, kBroken});
    for (int i = 0; i < 3; ++i)
        CHECK_EQUAL(SGF_OK, sgf_count(&counters, judged.hits, judged.judgements.data(), 5));
    UNSIGNED_LONGS_EQUAL(15, counters.packets);
    UNSIGNED_LONGS_EQUAL(0, counters.verdicts[SGF_PASS]);
    UNSIGNED_LONGS_EQUAL(3, counters.verdicts[SGF_PASS_NOT_IP]);
    UNSIGNED_LONGS_EQUAL(6, counters.verdicts[SGF_DROP]);
    UNSIGNED_LONGS_EQUAL(3, counters.verdicts[SGF_REJECT]);
    UNSIGNED_LONGS_EQUAL(3, counters.verdicts[SGF_DROP_MALFORMED]);
    UNSIGNED_LONGS_EQUAL(6, systems[0].dropped);
    UNSIGNED_LONGS_EQUAL(3, systems[1].rejected);
}

TEST(VendorsCounters, LeaveOutSystemsThatHaveNoRoom) {
    counters.system_count = 1;
    const auto judged = judge(loaded.filter.get(), 0, {kListed, kIp});
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, judged.hits, judged.judgements.data(), 2));
    UNSIGNED_LONGS_EQUAL(1, systems[0].dropped);
    UNSIGNED_LONGS_EQUAL(0, systems[1].rejected);
    counters.systems = nullptr;
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, judged.hits, judged.judgements.data(), 2));
    UNSIGNED_LONGS_EQUAL(1, systems[0].dropped);
}

TEST(VendorsCounters, AreRefusedWhenTheirSizeIsNotFilledIn) {
    counters.size = 0;
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_count(&counters, 0, nullptr, 1));
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_count(nullptr, 0, nullptr, 1));
}

TEST(VendorsCounters, TellWhatARateDecidedApart) {
    std::array<sgf_rate_counters, 4> rates{};
    counters.rates = rates.data();
    const std::array<sgf_judgement, 3> judgements{
        {{SGF_LIMIT, 0, 1}, {SGF_DROP_LIMITED, 0, 1}, {SGF_MONITOR, 0, 1}}};
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, 7, judgements.data(), 3));
    UNSIGNED_LONGS_EQUAL(2, systems[1].monitored);
    UNSIGNED_LONGS_EQUAL(1, systems[1].dropped);
    UNSIGNED_LONGS_EQUAL(1, rates[1].within);
    UNSIGNED_LONGS_EQUAL(1, rates[1].over);
    counters.system_count = 1;
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, 7, judgements.data(), 3));
    counters.system_count = 4;
    counters.systems = nullptr;
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, 7, judgements.data(), 3));
    UNSIGNED_LONGS_EQUAL(2, rates[1].within);
}

TEST(VendorsCounters, OfAnOlderCallerEndBeforeItsRates) {
    counters.size = offsetof(sgf_counters, rates);
    counters.rates = reinterpret_cast<sgf_rate_counters*>(1); // somebody else's memory
    const sgf_judgement limited{SGF_LIMIT, 0, 1};
    CHECK_EQUAL(SGF_OK, sgf_count(&counters, 1, &limited, 1));
    UNSIGNED_LONGS_EQUAL(1, systems[1].monitored);
    counters.size -= 1;
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_count(&counters, 1, &limited, 1));
}

TEST(VendorsFilter, LeavesTheMeteringOfALimitToTheCaller) {
    auto snapshot = filter::snapshot_of({{"203.0.113.0/24", 0}});
    snapshot.rules.actions[0][0] = Action::limit;
    snapshot.rules.systems[0].packets_per_second = 20;
    const auto loaded = load(snapshot, key);
    const auto judged = judge(loaded.filter.get(), 0, {kListed});
    UNSIGNED_LONGS_EQUAL(1, judged.hits);
    CHECK_EQUAL(SGF_LIMIT, judged.judgements[0].verdict);
    CHECK_EQUAL(1, sgf_passes(SGF_LIMIT));
    CHECK_EQUAL(0, sgf_passes(SGF_DROP_LIMITED));
    STRCMP_EQUAL("drop_limited", sgf_verdict_name(SGF_DROP_LIMITED));
    UNSIGNED_LONGS_EQUAL(20, sgf_system_rate(loaded.filter.get(), judged.judgements[0].system));
    UNSIGNED_LONGS_EQUAL(0, sgf_system_rate(loaded.filter.get(), 1));
    UNSIGNED_LONGS_EQUAL(0, sgf_system_rate(nullptr, 0));
}
