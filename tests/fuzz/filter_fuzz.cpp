// SPDX-License-Identifier: Apache-2.0
// Any bytes as a frame: parsed and judged without a byte read beyond it, and every screen says what
// the packet-by-packet path says, whole, one buffer at a time, and however it is cut in two.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <rte_mbuf.h>

#include "dataplane/filter/judge.hpp"
#include "dataplane/filter/plain_hit.hpp"
#include "dataplane/filter/port_class.hpp"
#include "dataplane/gate/answer.hpp"

using namespace sweepgate;
using namespace sweepgate::filter;

namespace {

/// Lists enough for a mutated address to hit, with every action, and looks into tunnels.
std::unique_ptr<const Tables> make_tables() {
    SnapshotParts parts;
    parts.systems = {{"aim", "AIM", "im", {{Transport::tcp, 5190, 5190}}, {}},
                     {"irc", "IRC", "irc", {{Transport::udp, 53, 53}}, {}}};
    parts.groups = {{"everyone", {}}, {"guests", {*parse_prefix("192.0.2.128/25")}}};
    parts.actions = {{Action::drop, Action::reject}, {Action::monitor, Action::drop}};
    for (const auto* text : {"203.0.113.0/24", "2001:db8:5::/48", "128.0.0.0/2", "a000::/3"})
        parts.listings.push_back({*parse_prefix(text), 0, Scope::exclusive});
    for (const auto* text : {"198.51.100.0/24", "2001:db8:6::/48", "64.0.0.0/3"})
        parts.listings.push_back({*parse_prefix(text), 1, Scope::shared});
    parts.allow = {*parse_prefix("203.0.113.80/28")};
    parts.inspect_tunnels = true;
    return std::move(*Tables::compile(*build_snapshot(parts, 1, {}, {})));
}

Judgement judge_alone(const Tables& tables, const std::uint8_t* frame, std::size_t size) {
    const auto parsed = parse(frame, size);
    if (parsed.is_ip() && (parsed.end > size || parsed.network >= parsed.end)) std::abort();
    if (parsed.kind == Kind::not_ip) return {Verdict::pass_not_ip};
    if (parsed.kind == Kind::malformed) return {Verdict::drop_malformed};
    const auto ruling = judge_layers(tables, frame, size, parsed);
    if (ruling.is_beheaded && !is_terminal(ruling.decision.action))
        return {Verdict::drop_malformed};
    auto judgement = to_judgement(ruling.decision);
    judgement.is_inner = ruling.is_inner;
    return judgement;
}

/// A burst of the same packet: vector code must see it in every lane.
template <typename Packet>
void check(const Tables& tables, const Packet& packet, const Judgement& expected) {
    constexpr std::size_t kCount = 17;
    std::array<Packet, kCount> packets;
    packets.fill(packet);
    for (const auto& screen : screens()) {
        std::array<Judgement, kMaxBurst> judgements;
        const auto judged = judge_burst(tables, MalformedFate::drop, packets.data(), kCount,
                                        judgements.data(), screen);
        for (std::size_t i = 0; i < kCount; ++i)
            if (((judged >> i & 1U) != 0 ? judgements[i] : Judgement{}) != expected) std::abort();
    }
}

/// The ends of a hit are in the frame, and the quick way to read them says the same.
void check_ends(const Tables& tables, const Frame& frame) {
    static const PortClasses classes(tables.systems());
    Judgement judgement;
    if (judge_burst(tables, MalformedFate::drop, &frame, 1, &judgement) == 0) return;
    if (judgement.system == kNoSystem) return;
    const auto ends = ends_of(tables, frame, judgement);
    if (judgement.server == ServerEnd::unknown) return;
    const auto hit = read_plain(frame.bytes, judgement);
    filter::PortClassCounts quick;
    filter::PlainPortClass(classes, judgement.system).count(judgement, frame.bytes, quick);
    // Nothing is read beyond the frame.
    static_cast<void>(filter::PlainHitLike(judgement, frame.bytes).covers(judgement, frame.bytes));
    const auto port_class =
        port_class_of(tables.systems()[judgement.system], ends.protocol, ends.sides.server_port);
    if (quick.of(static_cast<std::size_t>(port_class)) != 1) std::abort();
    const auto client = address_from_bytes({hit.client, hit.is_ipv4 ? std::size_t{4} : 16});
    if (*client != ends.sides.client || hit.protocol != ends.protocol ||
        hit.has_port != ends.sides.server_port.has_value() ||
        (hit.has_port && hit.port != *ends.sides.server_port))
        std::abort();
}

/// Whatever was rejected: the answer is a packet that goes back, and nobody answers it again.
void check_answer(const std::uint8_t* frame, std::size_t size) {
    const auto parsed = parse(frame, size);
    if (!parsed.is_ip()) return;
    gate::Answer answer;
    const auto written = gate::answer_rejected(frame, size, parsed, answer);
    if (written == 0) return;
    const auto back = parse(answer.data(), written);
    if (written > answer.size() || back.kind != parsed.kind || back.end != written ||
        back.network != parsed.network || back.source != parsed.destination ||
        back.destination != parsed.source)
        std::abort();
    gate::Answer again;
    if (gate::answer_rejected(answer.data(), written, back, again) != 0) std::abort();
}

/// Memory of exactly the piece's size, so that the sanitizer sees one byte too many.
struct Piece {
    Piece(const std::uint8_t* from, std::size_t size) : bytes(new std::uint8_t[size]) {
        std::copy_n(from, size, bytes.get());
        mbuf.buf_addr = bytes.get();
        mbuf.data_off = 0;
        mbuf.data_len = static_cast<std::uint16_t>(size);
        mbuf.pkt_len = static_cast<std::uint32_t>(size);
        mbuf.nb_segs = 1;
    }
    std::unique_ptr<std::uint8_t[]> bytes;
    rte_mbuf mbuf{};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    static const auto tables = make_tables();
    if (size == 0 || size > 0xFFFF) return 0;
    const std::size_t cut = input[0] % size; // the first byte says where; the rest is the frame
    ++input;
    --size;
    Piece whole(input, size);
    const auto expected = judge_alone(*tables, whole.bytes.get(), size);
    const auto length = static_cast<std::uint32_t>(size);
    check(*tables, Frame{whole.bytes.get(), length, length}, expected);
    check(*tables, &whole.mbuf, expected);
    check_ends(*tables, Frame{whole.bytes.get(), length, length});
    check_answer(whole.bytes.get(), size);
    Piece first(input, cut);
    Piece second(input + cut, size - cut);
    first.mbuf.next = &second.mbuf;
    first.mbuf.pkt_len = length;
    first.mbuf.nb_segs = 2;
    check(*tables, &first.mbuf, expected);
    return 0;
}
