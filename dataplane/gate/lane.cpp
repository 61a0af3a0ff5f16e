// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lane.hpp"

#include <array>
#include <bit>
#include <numeric>

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

/// Whether the buffer can go back to its pool as it is: one segment, one owner, its own memory.
/// Reads the first cache line only: a packet of one segment has no next one.
bool is_plain(const rte_mbuf* mbuf) noexcept {
    return mbuf->nb_segs == 1 && rte_mbuf_refcnt_read(mbuf) == 1 && RTE_MBUF_DIRECT(mbuf);
}

/// rte_pktmbuf_free_bulk() with a short way for what is nearly always the case.
void free_all(rte_mbuf** mbufs, unsigned count) noexcept {
    if (count == 0) return;
    auto* pool = mbufs[0]->pool;
    bool all = true;
    for (unsigned i = 0; i < count; ++i) all = all & is_plain(mbufs[i]) & (mbufs[i]->pool == pool);
    if (all) [[likely]]
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

/// Turns the rejected packet's own buffer into its answer. False when none is due or the rate
/// limit is reached. A chain is not answered, nor is a tunnel because of what it carries: its end
/// would take that for a broken tunnel.
bool turn_into_answer(rte_mbuf* mbuf, const Judgement& judgement, LcoreView& lcore) noexcept {
    if (mbuf->nb_segs != 1 || judgement.is_inner || !lcore.answers.take(rte_get_timer_cycles()))
        return false;
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

/// What may not pass, and whom it was about.
struct Sorted {
    Burst dropped;
    Burst answers;              // back to where they came from
    std::uint64_t rejected = 0; // of the burst, one bit each: still to be answered or dropped
    BurstHits hits;
};

/// Counts alike judgements that follow each other as one: a counter is memory, and memory that
/// was just written is slow to be added to again.
class Tally {
public:
    Tally(LcoreCounters& all, SystemCounters* systems) noexcept : all_(all), systems_(systems) {}
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;
    ~Tally() { flush(); }

    void add(const Judgement& judgement, PortClass port_class) noexcept {
        if (judgement != run_) {
            flush();
            run_ = judgement;
        }
        ++packets_[static_cast<std::size_t>(port_class)];
    }

private:
    void flush() noexcept {
        const auto packets = std::accumulate(packets_.begin(), packets_.end(), 0U);
        if (packets == 0) return;
        all_.verdicts[static_cast<std::size_t>(run_.verdict)].add(packets);
        if (run_.system != kNoSystem) {
            auto& system = systems_[run_.system];
            system.add(run_.verdict, packets);
            for (std::size_t i = 0; i < packets_.size(); ++i)
                if (packets_[i] > 0) system.port_classes[i].add(packets_[i]);
        }
        packets_ = {};
    }

    LcoreCounters& all_;
    SystemCounters* systems_; // of the edition and lcore; unused without tables
    Judgement run_;
    std::array<std::uint32_t, kPortClasses> packets_{};
};

/// What has to stay within a rate, judged by the rate.
Verdict metered(const Judgement& judgement, const Edition& edition, unsigned reader) noexcept {
    auto* meter = edition.meters[reader][judgement.system].get();
    return meter != nullptr && meter->bucket.take(rte_get_timer_cycles()) ? Verdict::limit
                                                                          : Verdict::drop_limited;
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
        sorted.dropped.push(received.mbufs[i]);
    }
}

/// Takes out of `received` what may not pass; what is left keeps its order.
void sort(Burst& received, std::uint64_t judged, Judgement* judgements, Edition* edition,
          LcoreView& lcore, Sorted& sorted) noexcept {
    Tally tally(lcore.counters,
                edition != nullptr ? edition->counters[lcore.reader].data() : nullptr);
    filter::PlainPortClass plain(edition != nullptr ? edition->port_classes.get() : nullptr);
    std::uint64_t taken = 0;
    for (auto left = judged; left != 0; left &= left - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(left));
        auto& judgement = judgements[i];
        auto port_class = PortClass::none;
        if (judgement.system != kNoSystem) {
            if (judgement.verdict == Verdict::limit)
                judgement.verdict = metered(judgement, *edition, lcore.reader);
            port_class = port_class_of(plain, received.mbufs[i], judgement, *edition);
            sorted.hits.push(i, port_class);
        }
        tally.add(judgement, port_class);
        if (filter::passes(judgement.verdict)) continue;
        taken |= std::uint64_t{1} << i;
        if (judgement.verdict == Verdict::reject)
            sorted.rejected |= std::uint64_t{1} << i;
        else
            sorted.dropped.push(received.mbufs[i]);
    }
    // Before an answer takes the place of the packet.
    if (sorted.hits.size > 0)
        lcore.hits.record(received.mbufs.data(), judgements, sorted.hits, *edition,
                          lcore.counters.hits_carried);
    if (sorted.rejected != 0) answer(received, judgements, lcore, sorted);
    if (taken == 0) return;
    std::uint16_t kept = 0;
    if (taken != filter::bits_of(received.size))
        for (std::uint16_t i = 0; i < received.size; ++i) { // without a branch to guess
            received.mbufs[kept] = received.mbufs[i];
            kept = static_cast<std::uint16_t>(kept + (~taken >> i & 1U));
        }
    received.size = kept;
}

} // namespace

std::uint16_t turn(const Lane& lane, LcoreView& lcore) noexcept {
    Burst burst;
    const auto received = rte_eth_rx_burst(lane.rx_port, lane.rx_queue, burst.mbufs.data(), kBurst);
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
            counters.answered.add(send_or_free(lane.rx_port, lane.tx_queue, sorted.answers));
        free_all(sorted.dropped.mbufs.data(), sorted.dropped.size);
    }
    const auto sent = send_or_free(lane.tx_port, lane.tx_queue, burst);
    counters.sent.add(sent);
    if (sent < burst.size) counters.tx_full.add(burst.size - sent);
    return received;
}

} // namespace sweepgate::gate
