// SPDX-License-Identifier: Apache-2.0
// A burst at a time. Screening answers for nearly all of it; what is left is looked at singly.
#include <array>
#include <bit>

#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/judge.hpp"

namespace sweepgate::filter {

namespace {

Parsed read(const Frame& frame) {
    return filter::parse(frame.bytes, frame.length, frame.wire_length);
}

Judgement judge_odd(const Tables& tables, MalformedFate fate, const Frame& frame) noexcept {
    const auto parsed = read(frame);
    switch (parsed.kind) {
    case Kind::not_ip: return {Verdict::pass_not_ip, kNoSystem};
    case Kind::malformed:
        return {fate == MalformedFate::drop ? Verdict::drop_malformed : Verdict::pass_malformed,
                kNoSystem};
    default: return to_judgement(judge(tables, parsed));
    }
}

Judgement judge_listed(const Tables& tables, const Frame& frame, ClassId source,
                       ClassId destination) noexcept {
    if (source == kUnlisted || destination == kUnlisted)
        if (const auto* known = tables.verdict_for_all(source | destination)) return *known;
    return to_judgement(decide(tables, read(frame), source, destination));
}

template <typename Packet>
std::uint64_t judge(const Tables& tables, MalformedFate fate, const Packet* packets,
                    const Screened& screened, Judgement* judgements) noexcept {
    std::uint64_t judged = 0;
    const auto keep = [&](unsigned i, const Judgement& judgement) {
        judgements[i] = judgement;
        if (judgement.verdict != Verdict::pass) judged |= std::uint64_t{1} << i;
    };
    for (auto odd = screened.odd; odd != 0; odd &= odd - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(odd));
        keep(i, judge_odd(tables, fate, frame_of(packets[i])));
    }
    for (auto listed = screened.listed; listed != 0; listed &= listed - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(listed));
        keep(i, judge_listed(tables, frame_of(packets[i]), screened.ids[2 * i],
                             screened.ids[2 * i + 1]));
    }
    return judged;
}

} // namespace

std::uint64_t judge_burst(const Tables& tables, MalformedFate fate, const Frame* frames,
                          std::size_t count, Judgement* judgements, const Screen& screen) noexcept {
    Screened screened;
    screen.frames(tables, frames, count, screened);
    if ((screened.odd | screened.listed) == 0) return 0;
    return judge(tables, fate, frames, screened, judgements);
}

std::uint64_t judge_burst(const Tables& tables, MalformedFate fate, rte_mbuf* const* mbufs,
                          std::size_t count, Judgement* judgements, const Screen& screen) noexcept {
    Screened screened;
    screen.mbufs(tables, mbufs, count, screened);
    if ((screened.odd | screened.listed) == 0) return 0;
    return judge(tables, fate, mbufs, screened, judgements);
}

} // namespace sweepgate::filter
