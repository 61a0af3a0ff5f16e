// SPDX-License-Identifier: Apache-2.0
// Judging and counting. The verdicts come from filter::judge_burst, which the gate calls as well;
// all that is done here is to give them the numbers of the ABI.
#include <algorithm>
#include <array>
#include <bit>

#include <rte_mbuf.h>

#include "dataplane/capi/handle.hpp"
#include "dataplane/filter/judge.hpp"

using namespace sweepgate;
using filter::Judgement;
using filter::Verdict;

// A vendor's frames are ours, so that they need not be copied.
static_assert(sizeof(sgf_frame) == sizeof(filter::Frame) &&
              offsetof(sgf_frame, bytes) == offsetof(filter::Frame, bytes) &&
              offsetof(sgf_frame, length) == offsetof(filter::Frame, length) &&
              offsetof(sgf_frame, wire_length) == offsetof(filter::Frame, wire_length));
static_assert(sizeof(sgf_judgement) == 4 && sizeof(sgf_system_counters) == 24);
static_assert(sizeof(sgf_counters) == 296 && offsetof(sgf_counters, rates) == 288);
static_assert(sizeof(sgf_rate_counters) == 16);
static_assert(SGF_MAX_BURST == filter::kMaxBurst && SGF_NO_SYSTEM == kNoSystem);
// Where DPDK 22.11 has them; the header promises that nothing else is read.
static_assert(offsetof(rte_mbuf, buf_addr) == 0 && offsetof(rte_mbuf, data_off) == 16 &&
              offsetof(rte_mbuf, pkt_len) == 36 && offsetof(rte_mbuf, data_len) == 40 &&
              offsetof(rte_mbuf, next) == 64);

namespace {

/// Ours may be renumbered, the vendor's may not.
constexpr std::uint8_t number_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::pass: return SGF_PASS;
    case Verdict::pass_allowed: return SGF_PASS_ALLOWED;
    case Verdict::pass_not_ip: return SGF_PASS_NOT_IP;
    case Verdict::pass_malformed: return SGF_PASS_MALFORMED;
    case Verdict::pass_unjudged: return SGF_PASS_UNJUDGED;
    case Verdict::monitor: return SGF_MONITOR;
    case Verdict::limit: return SGF_LIMIT;
    case Verdict::reject: return SGF_REJECT;
    case Verdict::drop: return SGF_DROP;
    case Verdict::drop_malformed: return SGF_DROP_MALFORMED;
    case Verdict::drop_unjudged: return SGF_DROP_UNJUDGED;
    case Verdict::drop_limited: return SGF_DROP_LIMITED;
    }
    return SGF_DROP_UNJUDGED;
}

constexpr auto kNumbers = [] {
    std::array<std::uint8_t, filter::kVerdicts> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = number_of(static_cast<Verdict>(i));
    return numbers;
}();

constexpr bool numbers_keep_the_border() {
    for (std::size_t i = 0; i < kNumbers.size(); ++i)
        if ((kNumbers[i] < SGF_FIRST_STOPPED) != passes(static_cast<Verdict>(i)) ||
            kNumbers[i] >= SGF_VERDICT_ROOM)
            return false;
    return true;
}
static_assert(numbers_keep_the_border());

/// Of the versions 0.1 and 0.2: what the oldest caller has.
constexpr std::size_t kFirstCounters = 288;

constexpr sgf_judgement kUnjudged{SGF_DROP_UNJUDGED, 0, SGF_NO_SYSTEM};

sgf_judgement to_c(const Judgement& judgement) noexcept {
    return {kNumbers[static_cast<std::size_t>(judgement.verdict)], 0, judgement.system};
}

template <typename Packet>
std::uint64_t judge_without_filter(std::uint32_t behaviour, const Packet* packets,
                                   std::size_t count, sgf_judgement* judgements) noexcept {
    const bool bypass = (behaviour & SGF_PASS_WITHOUT_FILTER) != 0;
    std::uint64_t hits = 0;
    for (std::size_t i = 0; i < count; ++i) {
        judgements[i] = to_c(filter::judge_without_tables(packets[i], bypass));
        hits |= std::uint64_t{1} << i;
    }
    return hits;
}

template <typename Packet>
std::uint64_t judge(const sgf_filter* filter, std::uint32_t behaviour, const Packet* packets,
                    std::size_t count, sgf_judgement* judgements) noexcept {
    if (count > SGF_MAX_BURST) {
        std::fill_n(judgements, count, kUnjudged);
        return ~std::uint64_t{0};
    }
    if (filter == nullptr) return judge_without_filter(behaviour, packets, count, judgements);
    const auto fate = (behaviour & SGF_PASS_BROKEN) != 0 ? filter::MalformedFate::pass
                                                         : filter::MalformedFate::drop;
    filter::JudgementRoom room;
    auto* judged = room.judgements.data();
    const auto hits = filter::judge_burst(*filter->tables, fate, packets, count, judged);
    for (auto left = hits; left != 0; left &= left - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(left));
        judgements[i] = to_c(judged[i]);
    }
    return hits;
}

/// One thread writes, others may read: an addition that cannot be torn, without a bus lock.
void add(std::uint64_t& counter, std::uint64_t packets) noexcept {
    __atomic_store_n(&counter, counter + packets, __ATOMIC_RELAXED);
}

void count_rate(const sgf_counters& counters, const sgf_judgement& judgement) noexcept {
    if (counters.size <= kFirstCounters || counters.rates == nullptr) return;
    auto& rate = counters.rates[judgement.system];
    if (judgement.verdict == SGF_LIMIT) add(rate.within, 1);
    if (judgement.verdict == SGF_DROP_LIMITED) add(rate.over, 1);
}

void count_system(const sgf_counters& counters, const sgf_judgement& judgement) noexcept {
    if (judgement.system >= counters.system_count) return;
    count_rate(counters, judgement);
    if (counters.systems == nullptr) return;
    auto& system = counters.systems[judgement.system];
    switch (judgement.verdict) {
    case SGF_DROP_LIMITED:
    case SGF_DROP: add(system.dropped, 1); break;
    case SGF_REJECT: add(system.rejected, 1); break;
    case SGF_LIMIT:
    case SGF_MONITOR: add(system.monitored, 1); break;
    default: break;
    }
}

} // namespace

extern "C" {

std::uint64_t sgf_judge_frames(const sgf_filter* filter, std::uint32_t behaviour,
                               const sgf_frame* frames, std::size_t count,
                               sgf_judgement* judgements) {
    return judge(filter, behaviour, reinterpret_cast<const filter::Frame*>(frames), count,
                 judgements);
}

std::uint64_t sgf_judge_mbufs(const sgf_filter* filter, std::uint32_t behaviour,
                              rte_mbuf* const* mbufs, std::size_t count,
                              sgf_judgement* judgements) {
    return judge(filter, behaviour, mbufs, count, judgements);
}

const char* sgf_verdict_name(std::uint8_t verdict) {
    for (std::size_t i = 0; i < kNumbers.size(); ++i)
        if (kNumbers[i] == verdict) return to_string(static_cast<Verdict>(i)).data(); // a literal
    return "unknown";
}

int sgf_count(sgf_counters* counters, std::uint64_t hits, const sgf_judgement* judgements,
              std::size_t count) {
    if (counters == nullptr || counters->size < kFirstCounters) return SGF_BAD_ARGUMENT;
    if (count > SGF_MAX_BURST) {
        add(counters->packets, count);
        add(counters->verdicts[SGF_DROP_UNJUDGED], count);
        return SGF_OK;
    }
    add(counters->packets, count);
    add(counters->verdicts[SGF_PASS], count - static_cast<std::size_t>(std::popcount(hits)));
    for (; hits != 0; hits &= hits - 1) {
        const auto& judgement = judgements[std::countr_zero(hits)];
        add(counters->verdicts[judgement.verdict % SGF_VERDICT_ROOM], 1);
        count_system(*counters, judgement);
    }
    return SGF_OK;
}

} // extern "C"
