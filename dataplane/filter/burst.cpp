// SPDX-License-Identifier: Apache-2.0
// A burst at a time. Screening answers for nearly all of it; what is left is looked at singly.
#include <array>
#include <bit>

#include "dataplane/filter/bytes.hpp"
#include "dataplane/filter/frame_of.hpp"
#include "dataplane/filter/headers.hpp"
#include "dataplane/filter/judge.hpp"
#include "dataplane/filter/plain_hit.hpp"
#include "dataplane/filter/segments.hpp"

namespace sweepgate::filter {

namespace {

Judgement to_malformed(MalformedFate fate) noexcept {
    return {fate == MalformedFate::drop ? Verdict::drop_malformed : Verdict::pass_malformed};
}

Parsed read(const Frame& frame) {
    return filter::parse(frame.bytes, frame.length, frame.wire_length);
}

/// `is_cut` is set when more of the frame might have led to another judgement.
Judgement judge_odd(const Tables& tables, MalformedFate fate, const Frame& frame,
                    bool& is_cut) noexcept {
    const auto parsed = read(frame);
    is_cut = parsed.is_cut;
    if (parsed.kind == Kind::not_ip) return {Verdict::pass_not_ip};
    if (parsed.kind == Kind::malformed) return to_malformed(fate);
    const auto ruling = judge_layers(tables, frame.bytes, frame.length, parsed);
    is_cut = is_cut || ruling.is_cut;
    if (ruling.is_beheaded && !is_terminal(ruling.decision.action)) return to_malformed(fate);
    auto judgement = to_judgement(ruling.decision);
    judgement.is_inner = ruling.is_inner;
    return judgement;
}

Judgement judge_odd(const Tables& tables, MalformedFate fate, const Frame& frame) noexcept {
    bool is_cut = false;
    return judge_odd(tables, fate, frame, is_cut);
}

/// Apart, for its stack.
[[gnu::noinline]] Judgement judge_gathered(const Tables& tables, MalformedFate fate,
                                           const rte_mbuf* mbuf) noexcept {
    Gathered gathered;
    return judge_odd(tables, fate, gather(mbuf, gathered));
}

Judgement judge_odd(const Tables& tables, MalformedFate fate, const rte_mbuf* mbuf) noexcept {
    bool is_cut = false;
    const auto judgement = judge_odd(tables, fate, frame_of(mbuf), is_cut);
    return is_cut && mbuf->next != nullptr ? judge_gathered(tables, fate, mbuf) : judgement;
}

/// Of a plain packet: whether parse_inner() might find something in it.
bool may_be_tunnel(const Frame& frame) noexcept {
    auto network = kEthernetHeader;
    while (is_tag(read16(frame.bytes + network - 2))) network += kTagBytes;
    const auto* header = frame.bytes + network;
    const bool is_ipv4 = header[0] >> 4U == 4;
    const auto protocol = header[is_ipv4 ? 9 : 6];
    if (is_tunnel(protocol)) return true;
    const auto ports = network + (is_ipv4 ? kIpv4Header : kIpv6Header);
    return protocol == kProtocolUdp && frame.length >= ports + 4 &&
           read16(frame.bytes + ports + 2) == kVxlanPort;
}

/// Plain tunnels are odd when their inside counts, listed or not.
template <typename Packet>
[[gnu::noinline]] void set_tunnels_apart(const Packet* packets, std::size_t count,
                                         Screened& screened) noexcept {
    std::uint64_t tunnels = 0;
    for (auto plain = bits_of(count) & ~screened.odd; plain != 0; plain &= plain - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(plain));
        if (may_be_tunnel(frame_of(packets[i]))) tunnels |= std::uint64_t{1} << i;
    }
    screened.odd |= tunnels;
    screened.unknown &= ~tunnels;
    screened.judged &= ~tunnels;
}

/// Of a plain packet with one listed end: whether it is ICMP. Most are IPv4 without tags.
[[gnu::always_inline]] inline bool is_icmp(const std::uint8_t* frame,
                                           const Judgement& judgement) noexcept {
    // Folded all the same; clang 14 does not take bit_cast of a bit-field for constexpr.
    const auto shape_bits = [] {
        Judgement shaped;
        shaped.tags = 3;
        shaped.is_ipv6 = true;
        return std::bit_cast<std::uint32_t>(shaped) ^ std::bit_cast<std::uint32_t>(Judgement{});
    }();
    if ((std::bit_cast<std::uint32_t>(judgement) & shape_bits) == 0) [[likely]]
        return frame[kEthernetHeader + 9] == icmp_of(Family::ipv4);
    const auto family = judgement.is_ipv6 ? Family::ipv6 : Family::ipv4;
    return protocol_of(judgement, header_of(judgement, frame)) == icmp_of(family);
}

/// Of plain ICMP: whether read_quote() might find something in it.
bool may_quote(const Frame& frame, const Judgement& judgement) noexcept {
    const auto* message = header_of(judgement, frame.bytes) + kIpv4Header * (1 + judgement.is_ipv6);
    const auto family = judgement.is_ipv6 ? Family::ipv6 : Family::ipv4;
    return message < frame.bytes + frame.length && is_icmp_error(family, *message);
}

/// Plain ICMP errors are odd when a quote might save them from what the screen judged.
template <typename Packet>
void set_errors_apart(const Packet* packets, Screened& screened) noexcept {
    std::uint64_t errors = 0;
    for (auto judged = screened.judged; judged != 0; judged &= judged - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(judged));
        const auto& judgement = screened.judgements[i];
        if (!is_icmp(frame_of(packets[i]).bytes, judgement)) [[likely]]
            continue;
        if (may_quote(frame_of(packets[i]), judgement)) errors |= std::uint64_t{1} << i;
    }
    screened.odd |= errors;
    screened.judged &= ~errors;
}

/// What the screen left.
template <typename Packet>
std::uint64_t judge_rest(const Tables& tables, MalformedFate fate, const Packet* packets,
                         const Screened& screened) noexcept {
    std::uint64_t judged = 0;
    const auto keep = [&](unsigned i, const Judgement& judgement) {
        screened.judgements[i] = judgement;
        if (judgement.verdict != Verdict::pass) judged |= std::uint64_t{1} << i;
    };
    for (auto odd = screened.odd; odd != 0; odd &= odd - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(odd));
        keep(i, judge_odd(tables, fate, packets[i]));
    }
    for (auto unknown = screened.unknown; unknown != 0; unknown &= unknown - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(unknown));
        const auto& frame = frame_of(packets[i]);
        bool is_cut = false; // it is plain: all of it lies here
        auto judgement =
            to_judgement(judge_layer(tables, frame.bytes, frame.length, read(frame), is_cut));
        if ((screened.both >> i & 1U) == 0) {
            const auto& screen_said = screened.judgements[i];
            judgement.server = screen_said.server;
            judgement.tags = screen_said.tags;
            judgement.is_ipv6 = screen_said.is_ipv6;
        }
        keep(i, judgement);
    }
    return judged;
}

/// `screened`: what the screen made of the burst.
template <typename Packet>
std::uint64_t judge_screened(const Tables& tables, MalformedFate fate, const Packet* packets,
                             std::size_t count, Screened& screened) noexcept {
    if (tables.inspects_tunnels()) [[unlikely]]
        set_tunnels_apart(packets, count, screened);
    if (screened.judged != 0 && tables.allows_any()) set_errors_apart(packets, screened);
    if ((screened.odd | screened.unknown) == 0) return screened.judged;
    return screened.judged | judge_rest(tables, fate, packets, screened);
}

} // namespace

std::uint64_t judge_burst(const Tables& tables, MalformedFate fate, const Frame* frames,
                          std::size_t count, Judgement* judgements, const Screen& screen) noexcept {
    Screened screened;
    screened.judgements = judgements;
    screen.frames(tables, frames, count, screened);
    return judge_screened(tables, fate, frames, count, screened);
}

std::uint64_t judge_burst(const Tables& tables, MalformedFate fate, rte_mbuf* const* mbufs,
                          std::size_t count, Judgement* judgements, const Screen& screen) noexcept {
    Screened screened;
    screened.judgements = judgements;
    screen.mbufs(tables, mbufs, count, screened);
    return judge_screened(tables, fate, mbufs, count, screened);
}

Judgement judge_without_tables(const Frame& frame, bool bypass) noexcept {
    if (read(frame).kind == Kind::not_ip) return {Verdict::pass_not_ip};
    return {bypass ? Verdict::pass_unjudged : Verdict::drop_unjudged};
}

Judgement judge_without_tables(const rte_mbuf* mbuf, bool bypass) noexcept {
    if (mbuf->next == nullptr) return judge_without_tables(frame_of(mbuf), bypass);
    Gathered gathered;
    return judge_without_tables(gather(mbuf, gathered), bypass);
}

} // namespace sweepgate::filter
