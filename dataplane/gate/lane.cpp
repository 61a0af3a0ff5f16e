// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lane.hpp"

#include <array>
#include <bit>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "dataplane/gate/answer.hpp"

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

/// Returns how many were sent; the rest is freed.
std::uint16_t send_or_free(std::uint16_t port, Burst& burst) noexcept {
    if (burst.size == 0) return 0;
    const auto sent = rte_eth_tx_burst(port, 0, burst.mbufs.data(), burst.size);
    if (sent < burst.size)
        rte_pktmbuf_free_bulk(burst.mbufs.data() + sent, static_cast<unsigned>(burst.size - sent));
    return sent;
}

/// Bit i is set when packet i does not simply pass; judgements[i] then says why.
std::uint64_t judge(const LcoreView& lcore, const Edition* edition, const Burst& burst,
                    Judgement* judgements) noexcept {
    if (edition != nullptr)
        return filter::judge_burst(*edition->tables, lcore.malformed, burst.mbufs.data(),
                                   burst.size, judgements);
    for (std::uint16_t i = 0; i < burst.size; ++i) {
        const auto* mbuf = burst.mbufs[i];
        judgements[i] = filter::judge_without_tables(
            {bytes_of(mbuf), mbuf->data_len, mbuf->pkt_len}, lcore.bypass_until_loaded);
    }
    return burst.size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << burst.size) - 1;
}

/// Turns the rejected packet's own buffer into its answer. False when none is due or the rate
/// limit is reached.
bool turn_into_answer(rte_mbuf* mbuf, LcoreView& lcore) noexcept {
    if (mbuf->nb_segs != 1 || !lcore.answers.take(rte_get_timer_cycles())) return false;
    Answer answer;
    const auto* frame = bytes_of(mbuf);
    const auto size =
        answer_rejected(frame, mbuf->data_len, filter::parse(frame, mbuf->data_len), answer);
    if (size == 0 || size > std::size_t{mbuf->data_len} + rte_pktmbuf_tailroom(mbuf)) return false;
    rte_memcpy(rte_pktmbuf_mtod(mbuf, void*), answer.data(), size);
    mbuf->data_len = static_cast<std::uint16_t>(size);
    mbuf->pkt_len = static_cast<std::uint32_t>(size);
    mbuf->ol_flags = 0;
    return true;
}

/// What may not pass.
struct Sorted {
    Burst dropped;
    Burst answers; // back to where they came from
};

/// Of a packet that does not simply pass. True when it passes all the same.
bool sort_judged(rte_mbuf* mbuf, const Judgement& judgement, Edition* edition, LcoreView& lcore,
                 Sorted& sorted) noexcept {
    if (judgement.system != kNoSystem)
        edition->counters[lcore.reader][judgement.system].add(judgement.verdict);
    if (filter::passes(judgement.verdict)) return true;
    if (judgement.verdict != Verdict::reject) {
        sorted.dropped.push(mbuf);
    } else if (turn_into_answer(mbuf, lcore)) {
        sorted.answers.push(mbuf);
    } else {
        lcore.counters.answers_withheld.add(1);
        sorted.dropped.push(mbuf);
    }
    return false;
}

/// Takes out of `received` what may not pass; what is left keeps its order.
void sort(Burst& received, std::uint64_t judged, const Judgement* judgements, Edition* edition,
          LcoreView& lcore, Sorted& sorted) noexcept {
    std::array<std::uint16_t, filter::kVerdicts> tally{};
    std::uint16_t kept = 0;
    for (std::uint16_t i = 0; i < received.size; ++i) {
        if ((judged >> i & 1U) == 0) {
            received.mbufs[kept++] = received.mbufs[i];
            continue;
        }
        ++tally[static_cast<std::size_t>(judgements[i].verdict)];
        if (sort_judged(received.mbufs[i], judgements[i], edition, lcore, sorted))
            received.mbufs[kept++] = received.mbufs[i];
    }
    received.size = kept;
    for (std::size_t i = 0; i < tally.size(); ++i)
        if (tally[i] != 0) lcore.counters.verdicts[i].add(tally[i]);
}

} // namespace

std::uint16_t turn(const Lane& lane, LcoreView& lcore) noexcept {
    Burst burst;
    const auto received = rte_eth_rx_burst(lane.rx_port, 0, burst.mbufs.data(), kBurst);
    if (received == 0) return 0;
    burst.size = received;

    Edition* edition = lcore.live.current(); // once per burst
    std::array<Judgement, kBurst> judgements;
    const auto judged = judge(lcore, edition, burst, judgements.data());
    auto& counters = lcore.counters;
    counters.received.add(received);
    counters.verdicts[static_cast<std::size_t>(Verdict::pass)].add(
        static_cast<unsigned>(received - std::popcount(judged)));
    if (judged != 0) {
        Sorted sorted;
        sort(burst, judged, judgements.data(), edition, lcore, sorted);
        if (sorted.answers.size > 0)
            counters.answered.add(send_or_free(lane.rx_port, sorted.answers));
        if (sorted.dropped.size > 0)
            rte_pktmbuf_free_bulk(sorted.dropped.mbufs.data(), sorted.dropped.size);
    }
    const auto sent = send_or_free(lane.tx_port, burst);
    counters.sent.add(sent);
    if (sent < burst.size) counters.tx_full.add(burst.size - sent);
    return received;
}

} // namespace sweepgate::gate
