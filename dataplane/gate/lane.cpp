// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lane.hpp"

#include <array>
#include <bit>
#include <cstring>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dataplane/gate/answer_buffer.hpp"

namespace sweepgate::gate {

namespace {

using filter::Judgement;
using filter::Verdict;

struct Burst {
    std::array<rte_mbuf*, kBurst> mbufs;
    std::uint16_t size = 0;
    void push(rte_mbuf* mbuf) noexcept { mbufs[size++] = mbuf; }
};

const std::uint8_t* bytes_of(const rte_mbuf* mbuf) noexcept {
    return rte_pktmbuf_mtod(mbuf, const std::uint8_t*);
}

/// rte_pktmbuf_free_bulk() with a short way for what is nearly always the case: buffers of one
/// pool that can go back as they are, of one segment, with one owner and their own memory. Reads
/// their first cache line only: a packet of one segment has no next one.
void free_all(rte_mbuf** mbufs, unsigned count) noexcept {
    if (count == 0) return;
    // As they lie behind each other in memory: rearm_data and ol_flags.
    struct Words {
        std::uint16_t data_off = 0, refcnt = 0, nb_segs = 0, port = 0;
        std::uint64_t ol_flags = 0;
    };
    static_assert(offsetof(rte_mbuf, refcnt) == offsetof(rte_mbuf, rearm_data) + 2);
    static_assert(offsetof(rte_mbuf, nb_segs) == offsetof(rte_mbuf, rearm_data) + 4);
    static_assert(offsetof(rte_mbuf, ol_flags) == offsetof(rte_mbuf, rearm_data) + 8);
    using Pair = std::uint64_t __attribute__((vector_size(16)));
    const auto one_and_one = std::bit_cast<Pair>(Words{0, 1, 1, 0, 0});
    const auto counts =
        std::bit_cast<Pair>(Words{0, 0xFFFF, 0xFFFF, 0, RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL});
    auto* pool = mbufs[0]->pool;
    Pair unlike{};
    std::uintptr_t elsewhere = 0;
    for (unsigned i = 0; i < count; ++i) {
        Pair words;
        std::memcpy(&words, &mbufs[i]->rearm_data, sizeof words);
        unlike |= words ^ one_and_one;
        elsewhere |= reinterpret_cast<std::uintptr_t>(mbufs[i]->pool) ^
                     reinterpret_cast<std::uintptr_t>(pool);
    }
    unlike &= counts;
    if ((unlike[0] | unlike[1] | elsewhere) == 0) [[likely]]
        rte_mempool_put_bulk(pool, reinterpret_cast<void**>(mbufs), count);
    else
        rte_pktmbuf_free_bulk(mbufs, count);
}

/// Returns how many were sent; the rest is freed.
std::uint16_t send_or_free(std::uint16_t port, std::uint16_t queue, Burst& burst) noexcept {
    if (burst.size == 0) return 0;
    const auto sent = rte_eth_tx_burst(port, queue, burst.mbufs.data(), burst.size);
    if (sent < burst.size)
        free_all(burst.mbufs.data() + sent, static_cast<unsigned>(burst.size - sent));
    return sent;
}

/// Bit i is set when packet i does not simply pass; judgements[i] then says why.
std::uint64_t judge(const LcoreView& lcore, const Edition* edition, const Burst& burst,
                    Judgement* judgements) noexcept {
    if (edition != nullptr)
        return filter::judge_burst(*edition->near[lcore.copy], lcore.malformed, burst.mbufs.data(),
                                   burst.size, judgements, lcore.screen);
    for (std::uint16_t i = 0; i < burst.size; ++i)
        judgements[i] = filter::judge_without_tables(burst.mbufs[i], lcore.bypass_until_loaded);
    return filter::bits_of(burst.size);
}

/// Turns a rejected packet into its answer. False when none is due or the rate limit is reached,
/// which counts answers and not what gets none. A tunnel is not answered because of what it
/// carries: its end would take that for a broken tunnel.
bool turn_into_answer(rte_mbuf* mbuf, const Judgement& judgement, LcoreView& lcore) noexcept {
    if (judgement.is_inner || !lcore.answers.take(rte_get_timer_cycles())) return false;
    if (overwrite_with_answer(mbuf)) return true;
    lcore.answers.give_back();
    return false;
}

/// What may not pass. One bit for each packet of the burst.
struct Sorted {
    std::uint64_t dropped = 0;
    std::uint64_t rejected = 0; // still to be answered or dropped
    std::uint64_t hits = 0;     // those that count for a system
    Burst answers;              // back to where they came from
};

/// What has to stay within a rate, judged by the rate.
void meter(std::uint64_t judged, Judgement* judgements, const Edition& edition,
           unsigned reader) noexcept {
    for (auto left = judged; left != 0; left &= left - 1) {
        auto& judgement = judgements[std::countr_zero(left)];
        if (judgement.verdict != Verdict::limit) continue;
        auto* meter = edition.meters[reader][judgement.system].get();
        if (meter == nullptr || !meter->bucket.take(rte_get_timer_cycles()))
            judgement.verdict = Verdict::drop_limited;
    }
}

/// Answers what was rejected, or drops it where no answer is due.
void answer(const Burst& received, const Judgement* judgements, LcoreView& lcore,
            Sorted& sorted) noexcept {
    for (auto left = sorted.rejected; left != 0; left &= left - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(left));
        if (turn_into_answer(received.mbufs[i], judgements[i], lcore)) {
            sorted.answers.push(received.mbufs[i]);
            continue;
        }
        lcore.counters.answers_withheld.add(1);
        sorted.dropped |= std::uint64_t{1} << i;
    }
}

/// Takes from `left` those that follow and are like a hit; returns how many.
int take_alike(std::uint64_t& left, const filter::PlainHitLike& hit, const Burst& received,
               const Judgement* judgements) noexcept {
    const auto before = left;
    for (; left != 0; left &= left - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(left));
        if (!hit.covers(judgements[i], bytes_of(received.mbufs[i]))) break;
    }
    return std::popcount(before & ~left);
}

/// Takes from `left` the hits that are judged like its first one and follow it, and counts their
/// port classes.
std::uint64_t classify_run(std::uint64_t& left, const Burst& received, const Judgement* judgements,
                           const Edition& edition, SystemCounters& counters) noexcept {
    constexpr int kMany = 16; // in a burst, from here on they are expected to be alike
    const auto first = left;
    const auto like = judgements[std::countr_zero(left)];
    bool many = std::popcount(left) >= kMany;
    filter::PlainPortClass plain(*edition.port_classes, like.system);
    filter::PortClassCounts counts;
    do {
        const auto i = static_cast<unsigned>(std::countr_zero(left));
        const auto& judgement = judgements[i];
        if (judgement.verdict != like.verdict || judgement.system != like.system) break;
        left &= left - 1;
        if (judgement.server == filter::ServerEnd::unknown) [[unlikely]] {
            counts.add(port_class_by_parsing(received.mbufs[i], judgement, edition));
            continue;
        }
        const auto* frame = bytes_of(received.mbufs[i]);
        const auto one = plain.count(judgement, frame, counts);
        if (many) {
            const auto alike = take_alike(left, {judgement, frame}, received, judgements);
            counts.add(one * static_cast<unsigned>(alike));
            many = alike > 0;
        }
    } while (left != 0);
    for (std::size_t i = 0; i < kPortClasses; ++i)
        if (const auto packets = counts.of(i); packets > 0) counters.port_classes[i].add(packets);
    return first & ~left;
}

/// Counts what does not simply pass, and tells what becomes of it. Alike judgements that follow
/// each other are counted as one: memory that was just written is slow to be added to again.
void sort(const Burst& received, std::uint64_t judged, const Judgement* judgements,
          Edition* edition, LcoreView& lcore, Sorted& sorted) noexcept {
    for (auto left = judged; left != 0;) {
        const auto judgement = judgements[std::countr_zero(left)];
        auto run = left & (~left + 1);
        if (judgement.system == kNoSystem) {
            left &= ~run;
            lcore.counters.verdicts[static_cast<std::size_t>(judgement.verdict)].add(1);
        } else {
            auto& counters = edition->counters[lcore.reader][judgement.system];
            run = classify_run(left, received, judgements, *edition, counters);
            const auto packets = static_cast<unsigned>(std::popcount(run));
            lcore.counters.verdicts[static_cast<std::size_t>(judgement.verdict)].add(packets);
            counters.add(judgement.verdict, packets);
            sorted.hits |= run;
        }
        if (judgement.verdict == Verdict::reject)
            sorted.rejected |= run;
        else if (!filter::passes(judgement.verdict))
            sorted.dropped |= run;
    }
}

/// Frees the dropped and closes the gaps that the taken left. What is left keeps its order.
void take_out(Burst& received, std::uint64_t dropped, std::uint64_t taken) noexcept {
    if (taken == filter::bits_of(received.size) && dropped == taken) {
        free_all(received.mbufs.data(), received.size);
        received.size = 0;
        return;
    }
    Burst freed;
    for (auto left = dropped; left != 0; left &= left - 1)
        freed.push(received.mbufs[static_cast<unsigned>(std::countr_zero(left))]);
    free_all(freed.mbufs.data(), freed.size);
    // From the first one that was taken, and set bit by set bit: no branch to guess.
    auto kept = static_cast<std::uint16_t>(std::countr_zero(taken));
    const auto behind = ~std::uint64_t{0} << kept;
    for (auto left = filter::bits_of(received.size) & ~taken & behind; left != 0; left &= left - 1)
        received.mbufs[kept++] = received.mbufs[static_cast<unsigned>(std::countr_zero(left))];
    received.size = kept;
}

/// Deals with what does not simply pass; the rest stays in `burst`.
void divert(const Lane& lane, LcoreView& lcore, Edition* edition, std::uint64_t judged,
            Judgement* judgements, Burst& burst) noexcept {
    if (edition != nullptr && edition->has_limits) [[unlikely]]
        meter(judged, judgements, *edition, lcore.reader);
    Sorted sorted;
    sort(burst, judged, judgements, edition, lcore, sorted);
    // Before an answer takes the place of the packet.
    if (sorted.hits != 0)
        lcore.hits.record(burst.mbufs.data(), judgements, sorted.hits, *edition,
                          lcore.counters.hits_carried);
    const auto taken = sorted.dropped | sorted.rejected;
    if (sorted.rejected != 0) {
        answer(burst, judgements, lcore, sorted);
        lcore.counters.answered.add(send_or_free(lane.rx_port, lane.tx_queue, sorted.answers));
    }
    if (taken != 0) take_out(burst, sorted.dropped, taken);
}

} // namespace

std::uint16_t turn(const Lane& lane, LcoreView& lcore) noexcept {
    Burst burst;
    const auto received = rte_eth_rx_burst(lane.rx_port, lane.rx_queue, burst.mbufs.data(), kBurst);
    if (received == 0) return 0;
    burst.size = received;

    Edition* edition = lcore.live.current(); // once per burst
    filter::JudgementRoom room;
    auto* judgements = room.judgements.data();
    const auto judged = judge(lcore, edition, burst, judgements);
    auto& counters = lcore.counters;
    counters.received.add(received);
    counters.verdicts[static_cast<std::size_t>(Verdict::pass)].add(
        static_cast<unsigned>(received - std::popcount(judged)));
    if (judged != 0) divert(lane, lcore, edition, judged, judgements, burst);
    const auto sent = send_or_free(lane.tx_port, lane.tx_queue, burst);
    counters.sent.add(sent);
    if (sent < burst.size) counters.tx_full.add(burst.size - sent);
    return received;
}

} // namespace sweepgate::gate
