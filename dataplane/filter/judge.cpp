// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/judge.hpp"

#include <algorithm>

namespace sweepgate::filter {

Decision judge(const Tables& tables, const Parsed& parsed) noexcept {
    const auto source = parsed.source_end();
    const auto destination = parsed.destination_end();
    const auto source_id = tables.lookup(source.address);
    const auto destination_id = tables.lookup(destination.address);
    if (source_id == kAllowed || destination_id == kAllowed) return {Action::pass, kNoSystem, true};
    Decision outbound;
    if (destination_id >= kFirstClass)
        outbound = tables.decide(destination_id, source.address, parsed.protocol, destination.port);
    if (source_id < kFirstClass || is_terminal(outbound.action)) return outbound;
    const auto inbound =
        tables.decide(source_id, destination.address, parsed.protocol, source.port);
    return inbound.action > outbound.action ? inbound : outbound;
}

Decision judge_layer(const Tables& tables, const std::uint8_t* frame, std::size_t length,
                     const Parsed& parsed, bool& is_cut) noexcept {
    const auto decision = judge(tables, parsed);
    if (decision.action == Action::pass || !tables.allows_any()) return decision;
    const auto quote = read_quote(frame, length, parsed, is_cut);
    const bool lifts = quote && (tables.lookup(quote->source) == kAllowed ||
                                 tables.lookup(quote->destination) == kAllowed);
    return lifts ? Decision{Action::pass, kNoSystem, true} : decision;
}

Ruling judge_layers(const Tables& tables, const std::uint8_t* frame, std::size_t length,
                    const Parsed& outer) noexcept {
    Ruling ruling;
    ruling.decision = judge_layer(tables, frame, length, outer, ruling.is_cut);
    if (!tables.inspects_tunnels()) return ruling;
    auto layer = outer;
    for (unsigned depth = 0; depth < kMaxInnerLayers; ++depth) {
        layer = parse_inner(frame, length, layer);
        ruling.is_cut = ruling.is_cut || layer.is_cut;
        // All of the datagram lies here, and yet there should be more.
        ruling.is_beheaded = ruling.is_beheaded || (layer.is_cut && length >= outer.end);
        if (!layer.is_ip()) break;
        const auto in_outer = std::min<std::size_t>(length, outer.end);
        const auto decision = judge_layer(tables, frame, in_outer, layer, ruling.is_cut);
        if (decision.action <= ruling.decision.action) continue;
        ruling.decision = decision;
        ruling.is_inner = true;
    }
    return ruling;
}

} // namespace sweepgate::filter
