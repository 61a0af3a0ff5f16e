// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/answer_buffer.hpp"

#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/segments.hpp"
#include "dataplane/gate/answer.hpp"

namespace sweepgate::gate {

namespace {

std::size_t write_answer(const filter::Frame& frame, Answer& answer) noexcept {
    return answer_rejected(frame.bytes, frame.length,
                           filter::parse(frame.bytes, frame.length, frame.wire_length), answer);
}
/// Of a chain. Apart, for its stack.
[[gnu::noinline]] std::size_t write_gathered_answer(const rte_mbuf* mbuf, Answer& answer) noexcept {
    filter::Gathered gathered;
    return write_answer(filter::gather(mbuf, gathered), answer);
}

} // namespace

bool overwrite_with_answer(rte_mbuf* mbuf) noexcept {
    Answer answer;
    const auto size = mbuf->next == nullptr ? write_answer(filter::frame_of(mbuf), answer)
                                            : write_gathered_answer(mbuf, answer);
    if (size == 0 || size > std::size_t{mbuf->data_len} + rte_pktmbuf_tailroom(mbuf)) return false;
    if (mbuf->next != nullptr) rte_pktmbuf_free(mbuf->next);
    mbuf->next = nullptr;
    mbuf->nb_segs = 1;
    rte_memcpy(rte_pktmbuf_mtod(mbuf, void*), answer.data(), size);
    mbuf->data_len = static_cast<std::uint16_t>(size);
    mbuf->pkt_len = static_cast<std::uint32_t>(size);
    mbuf->ol_flags = 0;
    return true;
}

} // namespace sweepgate::gate
