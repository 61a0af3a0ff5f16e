// SPDX-License-Identifier: Apache-2.0
// Packets by the million through the plain reference model and every screen of the DPDK filter, as
// frames and as buffers, over random snapshots: no verdict and no system may differ.
#include "dataplane/filter/judge.hpp"
#include "tests/lab/differential/random_packet.hpp"
#include "tests/unit/filter/places.hpp"
#include "tests/unit/model/random_snapshot.hpp"

#include <iostream>
#include <map>

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using filter::Judgement;
using filter::kMaxBurst;
using filter::Verdict;
using testing::Nature;
using testing::RandomPacket;

namespace {

std::uint64_t packets = 200'000;
constexpr unsigned kBurstsPerSnapshot = 32;

Judgement by_reference(const Snapshot& snapshot, const RandomPacket& packet) {
    if (packet.nature == Nature::not_ip) return {Verdict::pass_not_ip};
    if (packet.nature == Nature::malformed) return {Verdict::drop_malformed};
    auto judgement = filter::to_judgement(judge(snapshot, packet.layers));
    judgement.is_inner =
        judge(snapshot, packet.layers.front()).action < judge(snapshot, packet.layers).action;
    return judgement;
}

std::string text_of(const Judgement& judgement) {
    return std::string(to_string(judgement.verdict)) + " of " + std::to_string(judgement.system) +
           (judgement.is_inner ? " (inner)" : "");
}

} // namespace

TEST_GROUP(Screens) {
    std::mt19937 random{2026};
    filter::Places places;
    filter::Chains chains;
    std::vector<RandomPacket> burst{kMaxBurst};
    std::array<filter::Frame, kMaxBurst> frames;
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    std::array<Judgement, kMaxBurst> expected;
    std::map<Verdict, std::uint64_t> met;
    std::uint64_t inner = 0;
    std::uint64_t quoted = 0; // some layer passes because of what it quotes

    std::vector<std::size_t> random_cuts(std::size_t size) {
        std::vector<std::size_t> cuts;
        if (random() % 8 != 0) return cuts;
        cuts.push_back(random() % (size + 1));
        if (random() % 2 == 0) cuts.push_back(cuts[0] + random() % (size - cuts[0] + 1));
        return cuts;
    }
    void fill(const Snapshot& snapshot) {
        for (std::size_t i = 0; i < kMaxBurst; ++i) {
            burst[i] = testing::random_frame(random);
            const auto& frame = burst[i].frame;
            const auto size = static_cast<std::uint32_t>(frame.size());
            frames[i] = {places.put(i, frame), size, size};
            mbufs[i] = chains.put(i, frame, random_cuts(size));
            expected[i] = by_reference(snapshot, burst[i]);
            ++met[expected[i].verdict];
            if (expected[i].is_inner) ++inner;
            for (const auto& layer : burst[i].layers)
                if (testing::is_saved_by_quote(snapshot, layer)) ++quoted;
        }
    }
    template <typename Packet>
    void check(const filter::Tables& tables, const Packet* given, const filter::Screen& screen) {
        std::array<Judgement, kMaxBurst> judgements;
        const auto judged = judge_burst(tables, filter::MalformedFate::drop, given, kMaxBurst,
                                        judgements.data(), screen);
        for (std::size_t i = 0; i < kMaxBurst; ++i) {
            const auto said = (judged >> i & 1U) != 0 ? judgements[i] : Judgement{};
            if (said == expected[i]) continue;
            STRCMP_EQUAL_TEXT(text_of(expected[i]).c_str(), text_of(said).c_str(),
                              (burst[i].shape + " by " + std::string(screen.name)).c_str());
        }
    }
};

TEST(Screens, AgreeWithTheReferenceOnEveryPacket) {
    for (Generation round = 1; (round - 1) * kBurstsPerSnapshot * kMaxBurst < packets; ++round) {
        const auto snapshot = testing::random_snapshot(random, round);
        const auto tables = filter::Tables::compile(snapshot).value();
        for (unsigned i = 0; i < kBurstsPerSnapshot; ++i) {
            fill(snapshot);
            for (const auto& screen : filter::screens()) {
                check(*tables, frames.data(), screen);
                check(*tables, mbufs.data(), screen);
            }
        }
    }
    std::uint64_t total = 0;
    for (const auto& [verdict, count] : met) total += count;
    std::cout << total << " packets";
    for (const auto& [verdict, count] : met)
        std::cout << ", " << count << ' ' << to_string(verdict);
    std::cout << ", " << inner << " because of an inner address, " << quoted
              << " layers passed for their quote, by";
    for (const auto& screen : filter::screens()) std::cout << ' ' << screen.name;
    std::cout << '\n';
    // Each verdict must have been met often, or the comparison says nothing.
    for (const auto verdict :
         {Verdict::pass, Verdict::pass_allowed, Verdict::pass_not_ip, Verdict::monitor,
          Verdict::reject, Verdict::drop, Verdict::drop_malformed})
        CHECK_TRUE(met[verdict] > total / 200);
    CHECK_TRUE(inner > total / 200);
    CHECK_TRUE(quoted > total / 2000);
}

/// "--packets N" in front of CppUTest's own arguments makes the comparison longer.
int main(int argc, char** argv) {
    MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
    if (argc > 2 && std::string_view(argv[1]) == "--packets") {
        packets = std::stoull(argv[2]);
        argv[2] = argv[0];
        return CommandLineTestRunner::RunAllTests(argc - 2, argv + 2);
    }
    return CommandLineTestRunner::RunAllTests(argc, argv);
}
