// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/judge.hpp"

namespace sweepgate::filter {

Decision decide(const Tables& tables, const Parsed& parsed, ClassId source_id,
                ClassId destination_id) noexcept {
    if (source_id == kAllowed || destination_id == kAllowed) return {Action::pass, kNoSystem, true};

    const auto family = parsed.kind == Kind::ipv4 ? Family::ipv4 : Family::ipv6;
    const Address source{family, parsed.source};
    const Address destination{family, parsed.destination};
    std::optional<std::uint16_t> source_port;
    std::optional<std::uint16_t> destination_port;
    if (parsed.has_ports) {
        source_port = parsed.source_port;
        destination_port = parsed.destination_port;
    }
    Decision outbound;
    if (destination_id >= kFirstClass)
        outbound = tables.decide(destination_id, source, parsed.protocol, destination_port);
    if (source_id < kFirstClass || is_terminal(outbound.action)) return outbound;
    const auto inbound = tables.decide(source_id, destination, parsed.protocol, source_port);
    return inbound.action > outbound.action ? inbound : outbound;
}

Decision judge(const Tables& tables, const Parsed& parsed) noexcept {
    const auto family = parsed.kind == Kind::ipv4 ? Family::ipv4 : Family::ipv6;
    return decide(tables, parsed, tables.lookup({family, parsed.source}),
                  tables.lookup({family, parsed.destination}));
}

Judgement judge_without_tables(const Frame& frame, bool bypass) noexcept {
    const auto parsed = parse(frame.bytes, frame.length, frame.wire_length);
    if (parsed.kind == Kind::not_ip) return {Verdict::pass_not_ip, kNoSystem};
    return {bypass ? Verdict::pass_unjudged : Verdict::drop_unjudged, kNoSystem};
}

} // namespace sweepgate::filter
