// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/port_class.hpp"

#include "dataplane/filter/judge.hpp"

namespace sweepgate::filter {

namespace {

/// Whether a packet that was `judged` can have been so by what was `decided` of one of its ends.
/// Over its rate it no longer bears the verdict that the tables gave it.
bool can_follow(const Judgement& judged, const Judgement& decided) noexcept {
    const auto verdict = judged.verdict == Verdict::drop_limited ? Verdict::limit : judged.verdict;
    return verdict == decided.verdict && judged.system == decided.system;
}

/// Whether `server`'s listing decides for `client` what was judged.
bool gave(const Tables& tables, const Address& server, const Address& client, std::uint8_t protocol,
          std::optional<std::uint16_t> port, const Judgement& judgement) noexcept {
    const auto id = tables.lookup(server);
    if (id < kFirstClass) return false;
    return can_follow(judgement, to_judgement(tables.decide(id, client, protocol, port)));
}

} // namespace

Sides sides_of(const Tables& tables, const Parsed& parsed, const Judgement& judgement) noexcept {
    const auto source = parsed.source_end();
    const auto destination = parsed.destination_end();
    if (gave(tables, destination.address, source.address, parsed.protocol, destination.port,
             judgement))
        return {source.address, destination.address, destination.port};
    return {destination.address, source.address, source.port};
}

HitEnds ends_of(const Tables& tables, const Frame& frame, const Judgement& judgement) noexcept {
    auto parsed = parse(frame.bytes, frame.length, frame.wire_length);
    for (unsigned depth = 0; judgement.is_inner && depth < kMaxInnerLayers; ++depth) {
        const auto inner = parse_inner(frame.bytes, frame.length, parsed);
        if (!inner.is_ip()) break;
        parsed = inner;
        if (can_follow(judgement, to_judgement(judge(tables, parsed)))) break;
    }
    return {sides_of(tables, parsed, judgement), parsed.protocol};
}

} // namespace sweepgate::filter
