// SPDX-License-Identifier: Apache-2.0
// Judges bursts for callgrind to count: each screen that this processor has with each table.
// instructions_test.py starts it and holds the counts against their bounds. Valgrind dumps what
// was counted under the name of the row, and nothing of the preparation is counted.
#include <cstdio>
#include <string>
#include <vector>

#include <rte_mbuf.h>
#include <valgrind/callgrind.h>

#include "dataplane/bench/traffic.hpp"
#include "dataplane/filter/judge.hpp"

namespace {

using namespace sweepgate;
using Frames = std::vector<std::vector<std::uint8_t>>;

struct Row {
    const char* name;
    bench::Traffic traffic;
    bool allows = false; // one host, which no packet is for: hits are looked at for ICMP errors
};
const std::vector<Row> kRows{
    {"1k no hits", {1'000, 0, 0, 0, 0, false}},
    {"100k no hits", {100'000, 0, 0, 0, 0, false}},
    {"100k 10 % dropped", {100'000, 0, 0, 0, 10, false}},
    {"100k all dropped", {100'000, 0, 0, 0, 100, false}},
    {"100k all dropped, a host allowed", {100'000, 0, 0, 0, 100, false}, true},
    {"10k IPv6, no hits", {0, 10'000, 100, 0, 0, false}},
    {"30 % IPv6, 20 % tagged, 10 % dropped", {100'000, 100'000, 30, 20, 10, false}}};

std::vector<rte_mbuf> to_mbufs(Frames& frames) {
    std::vector<rte_mbuf> mbufs(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        mbufs[i].buf_addr = frames[i].data();
        mbufs[i].data_len = static_cast<std::uint16_t>(frames[i].size());
        mbufs[i].pkt_len = static_cast<std::uint32_t>(frames[i].size());
    }
    return mbufs;
}

/// Returns how many packets did not simply pass, so that nothing of it can be left out.
unsigned judge_all(const filter::Tables& tables, const std::vector<rte_mbuf*>& mbufs,
                   const filter::Screen& screen) {
    std::array<filter::Judgement, filter::kMaxBurst> judgements;
    unsigned judged = 0;
    for (std::size_t i = 0; i < mbufs.size(); i += filter::kMaxBurst)
        judged += static_cast<unsigned>(
            std::popcount(filter::judge_burst(tables, filter::MalformedFate::drop, &mbufs[i],
                                              filter::kMaxBurst, judgements.data(), screen)));
    return judged;
}

/// One line "ROW PACKETS JUDGED" for each dump.
void count(const Row& row) {
    auto snapshot = bench::make_snapshot(row.traffic);
    if (row.allows) snapshot.rules.allow.push_back(*parse_prefix("192.0.2.7/32"));
    const auto tables = filter::Tables::compile(snapshot).value();
    auto frames = bench::make_frames(row.traffic, snapshot);
    auto mbufs = to_mbufs(frames);
    std::vector<rte_mbuf*> pointers;
    for (auto& mbuf : mbufs) pointers.push_back(&mbuf);
    for (const auto& screen : filter::screens()) {
        const auto name = std::string(screen.name) + ", " + row.name;
        CALLGRIND_ZERO_STATS;
        CALLGRIND_START_INSTRUMENTATION;
        const auto judged = judge_all(*tables, pointers, screen);
        CALLGRIND_STOP_INSTRUMENTATION;
        CALLGRIND_DUMP_STATS_AT(name.c_str());
        std::printf("%s: %zu packets, %u judged\n", name.c_str(), pointers.size(), judged);
    }
}

} // namespace

int main() {
    for (const auto& row : kRows) count(row);
    return 0;
}
