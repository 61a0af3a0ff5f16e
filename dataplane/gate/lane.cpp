// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lane.hpp"

#include <array>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "dataplane/gate/answer.hpp"

namespace sweepgate::gate {

namespace {

using filter::Frame;
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

void judge(const LcoreView& lcore, const Edition* edition, const Frame* frames, std::uint16_t count,
           Judgement* judgements) noexcept {
    if (edition != nullptr) {
        filter::judge_burst(*edition->tables, lcore.malformed, frames, count, judgements);
        return;
    }
    for (std::uint16_t i = 0; i < count; ++i)
        judgements[i] = filter::judge_without_tables(frames[i], lcore.bypass_until_loaded);
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

/// What a burst falls into.
struct Sorted {
    Burst passed;
    Burst dropped;
    Burst answers; // back to where they came from
};

/// The rare packet: something is listed, broken or not IP.
void sort_judged(rte_mbuf* mbuf, const Judgement& judgement, Edition* edition, LcoreView& lcore,
                 Sorted& sorted) noexcept {
    if (judgement.system != kNoSystem)
        edition->counters[lcore.reader][judgement.system].add(judgement.verdict);
    if (filter::passes(judgement.verdict)) return sorted.passed.push(mbuf);
    if (judgement.verdict != Verdict::reject) return sorted.dropped.push(mbuf);
    if (turn_into_answer(mbuf, lcore)) return sorted.answers.push(mbuf);
    lcore.counters.answers_withheld.add(1);
    sorted.dropped.push(mbuf);
}

void sort(const Burst& received, const Judgement* judgements, Edition* edition, LcoreView& lcore,
          Sorted& sorted) noexcept {
    std::array<std::uint16_t, filter::kVerdicts> tally{};
    for (std::uint16_t i = 0; i < received.size; ++i) {
        ++tally[static_cast<std::size_t>(judgements[i].verdict)];
        if (judgements[i].verdict == Verdict::pass)
            sorted.passed.push(received.mbufs[i]);
        else
            sort_judged(received.mbufs[i], judgements[i], edition, lcore, sorted);
    }
    for (std::size_t i = 0; i < tally.size(); ++i)
        if (tally[i] != 0) lcore.counters.verdicts[i].add(tally[i]);
}

} // namespace

std::uint16_t turn(const Lane& lane, LcoreView& lcore) noexcept {
    Burst received;
    received.size = rte_eth_rx_burst(lane.rx_port, 0, received.mbufs.data(), kBurst);
    if (received.size == 0) return 0;

    std::array<Frame, kBurst> frames;
    for (std::uint16_t i = 0; i < received.size; ++i) {
        const auto* mbuf = received.mbufs[i];
        frames[i] = {bytes_of(mbuf), mbuf->data_len, mbuf->pkt_len};
    }
    Edition* edition = lcore.live.current(); // once per burst
    std::array<Judgement, kBurst> judgements;
    judge(lcore, edition, frames.data(), received.size, judgements.data());

    Sorted sorted;
    sort(received, judgements.data(), edition, lcore, sorted);
    auto& counters = lcore.counters;
    const auto sent = send_or_free(lane.tx_port, sorted.passed);
    counters.received.add(received.size);
    counters.sent.add(sent);
    if (sent < sorted.passed.size) counters.tx_full.add(sorted.passed.size - sent);
    if (sorted.answers.size > 0) counters.answered.add(send_or_free(lane.rx_port, sorted.answers));
    if (sorted.dropped.size > 0)
        rte_pktmbuf_free_bulk(sorted.dropped.mbufs.data(), sorted.dropped.size);
    return received.size;
}

} // namespace sweepgate::gate
