// SPDX-License-Identifier: Apache-2.0
// From the lcores' records to the ledger.
#include "dataplane/gate/gate_state.hpp"

namespace sweepgate::gate {

void Gate::State::name_systems(Edition& edition) {
    const auto& systems = edition.tables->systems();
    // Addresses change many times an hour, systems and their ports hardly ever.
    const bool same = in_force != nullptr && in_force->tables->systems() == systems;
    edition.port_classes =
        same ? in_force->port_classes : std::make_shared<const filter::PortClasses>(systems);
    const std::lock_guard lock(hits);
    edition.system_numbers = ledger->names.numbers_of(systems);
}

void Gate::State::note(const HitRecord& record, who::SteadyClock::time_point now,
                       std::uint64_t time_ms) {
    const auto client =
        address_from_bytes({record.client.data(), record.is_ipv4 ? std::size_t{4} : 16});
    who::Hit hit;
    hit.client = ledger->client_prefix().of(*client);
    hit.system = record.system;
    hit.protocol = record.protocol;
    if (record.has_port) hit.port = record.port;
    hit.port_class = record.port_class;
    hit.weight = record.weight;
    ledger->note(hit, now, time_ms);
}

void Gate::collect_hits() {
    auto& state = *state_;
    const auto now = who::SteadyClock::now();
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const auto time_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
    const std::lock_guard lock(state.hits);
    for (auto& forwarder : state.forwarders)
        forwarder.hits.ring().drain(
            HitRing::kCapacity, [&](const HitRecord& record) { state.note(record, now, time_ms); });
}

TopAnswer Gate::top(const TopQuery& query) const {
    const std::lock_guard lock(state_->hits);
    auto answer = state_->ledger->top(query);
    answer.kind = GateKind::dpdk;
    return answer;
}

HitEvents Gate::take_events() {
    const std::lock_guard lock(state_->hits);
    return state_->ledger->take_events();
}

} // namespace sweepgate::gate
