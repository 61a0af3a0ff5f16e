// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/judge.hpp"

namespace sweepgate {

Decision decide(const Ruleset& rules, const AddressClass& address_class, GroupIndex group,
                std::uint8_t protocol, std::optional<std::uint16_t> server_port) {
    Decision decision;
    for (const auto system : address_class.systems) {
        const bool counts = address_class.scope == Scope::exclusive ||
                            (server_port && rules.systems[system].uses(protocol, *server_port));
        const auto action = rules.actions[group][system];
        if (counts && action > decision.action) decision = {action, system, false};
    }
    return decision;
}

Decision judge_server(const Snapshot& snapshot, const Address& server, const Address& client,
                      std::uint8_t protocol, std::optional<std::uint16_t> server_port) {
    const auto* entry = find_entry(snapshot, server);
    if (entry == nullptr) return {};
    return decide(snapshot.rules, snapshot.rules.classes[entry->address_class],
                  group_of(snapshot.rules, client), protocol, server_port);
}

namespace {

Decision judge_ends(const Snapshot& snapshot, const Flow& flow) {
    std::optional<std::uint16_t> source_port;
    std::optional<std::uint16_t> destination_port;
    if (flow.ports) {
        source_port = flow.ports->source;
        destination_port = flow.ports->destination;
    }
    const auto outbound =
        judge_server(snapshot, flow.destination, flow.source, flow.protocol, destination_port);
    if (is_terminal(outbound.action)) return outbound;
    const auto inbound =
        judge_server(snapshot, flow.source, flow.destination, flow.protocol, source_port);
    return inbound.action > outbound.action ? inbound : outbound;
}

template <typename Ends>
bool has_allowed_end(const Snapshot& snapshot, const Ends& ends) {
    return is_allowed(snapshot, ends.source) || is_allowed(snapshot, ends.destination);
}

} // namespace

Decision judge(const Snapshot& snapshot, const Flow& flow) {
    constexpr Decision kAllowed{Action::pass, kNoSystem, true};
    if (has_allowed_end(snapshot, flow)) return kAllowed;
    const auto decision = judge_ends(snapshot, flow);
    const bool lifts = decision.action != Action::pass && flow.quote;
    return lifts && has_allowed_end(snapshot, *flow.quote) ? kAllowed : decision;
}

Decision judge(const Snapshot& snapshot, std::span<const Flow> layers) {
    auto decision = judge(snapshot, layers.front());
    if (!snapshot.rules.inspect_tunnels) return decision;
    for (std::size_t i = 1; i < layers.size() && i <= kMaxInnerLayers; ++i) {
        const auto inner = judge(snapshot, layers[i]);
        if (inner.action > decision.action) decision = inner;
    }
    return decision;
}

} // namespace sweepgate
