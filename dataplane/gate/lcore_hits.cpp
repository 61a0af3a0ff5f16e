// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/lcore_hits.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "dataplane/filter/port_class.hpp"
#include "dataplane/filter/segments.hpp"

namespace sweepgate::gate {

namespace {

using filter::Judgement;
using filter::ServerEnd;

/// Apart, for its stack.
[[gnu::noinline]] filter::HitEnds gathered_ends(const rte_mbuf* mbuf, const Judgement& judgement,
                                                const Edition& edition) noexcept {
    filter::Gathered gathered;
    return filter::ends_of(*edition.tables, filter::gather(mbuf, gathered), judgement);
}

filter::HitEnds parsed_ends(const rte_mbuf* mbuf, const Judgement& judgement,
                            const Edition& edition) noexcept {
    if (mbuf->next != nullptr) return gathered_ends(mbuf, judgement, edition);
    return filter::ends_of(*edition.tables, filter::frame_of(mbuf), judgement);
}

void fill_parsed(const rte_mbuf* mbuf, const Judgement& judgement, const Edition& edition,
                 HitRecord& record) noexcept {
    const auto ends = parsed_ends(mbuf, judgement, edition);
    record.client = to_bytes(ends.sides.client);
    record.is_ipv4 = ends.sides.client.family == Family::ipv4;
    record.protocol = ends.protocol;
    record.has_port = ends.sides.server_port.has_value();
    record.port = ends.sides.server_port.value_or(0);
}

void fill_plain(const rte_mbuf* mbuf, const Judgement& judgement, HitRecord& record) noexcept {
    const auto hit = filter::read_plain(filter::frame_of(mbuf).bytes, judgement);
    std::memcpy(record.client.data(), hit.client, hit.is_ipv4 ? 4 : 16);
    record.is_ipv4 = hit.is_ipv4;
    record.protocol = hit.protocol;
    record.has_port = hit.has_port;
    record.port = hit.port;
}

} // namespace

PortClass port_class_by_parsing(const rte_mbuf* mbuf, const Judgement& judgement,
                                const Edition& edition) noexcept {
    const auto ends = parsed_ends(mbuf, judgement, edition);
    if (!ends.sides.server_port) return PortClass::none;
    return edition.port_classes->of(judgement.system, ends.protocol, *ends.sides.server_port);
}

void LcoreHits::leave(const rte_mbuf* mbuf, const Judgement& judgement, std::uint32_t weight,
                      const Edition& edition) noexcept {
    HitRecord record;
    if (judgement.server == ServerEnd::unknown)
        fill_parsed(mbuf, judgement, edition, record);
    else
        fill_plain(mbuf, judgement, record);
    if (record.has_port)
        record.port_class =
            edition.port_classes->of(judgement.system, record.protocol, record.port);
    record.weight = weight;
    record.system = edition.system_numbers[judgement.system];
    record.verdict = judgement.verdict;
    ring_.push(record);
}

void LcoreHits::record(rte_mbuf* const* mbufs, const Judgement* judgements, std::uint64_t hits,
                       const Edition& edition, Counter& carried) noexcept {
    const auto size = static_cast<unsigned>(std::popcount(hits));
    const auto used = ring_.used();
    if (sampler_.takes_all(size, used)) {
        for (auto left = hits; left != 0; left &= left - 1) {
            const auto place = static_cast<unsigned>(std::countr_zero(left));
            leave(mbufs[place], judgements[place], 1, edition);
        }
        return ring_.publish();
    }
    const auto picked = sampler_.pick(size, used);
    if (picked.count == 0) {
        carried.add(size);
        return;
    }
    for (unsigned i = 0; i < picked.count; ++i) {
        const auto place = filter::nth_bit(hits, picked.picks[i].hit);
        leave(mbufs[place], judgements[place], picked.picks[i].weight, edition);
    }
    ring_.publish();
}

} // namespace sweepgate::gate
