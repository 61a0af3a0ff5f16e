// SPDX-License-Identifier: Apache-2.0
// What a gate tells about itself.
#include "dataplane/gate/gate_state.hpp"

namespace sweepgate::gate {

namespace {

struct NamedCounter {
    const char* name;
    Counter LcoreCounters::*member;
};
constexpr std::array<NamedCounter, 9> kNamedCounters{{
    {"received", &LcoreCounters::received},
    {"sent", &LcoreCounters::sent},
    {"tx_full", &LcoreCounters::tx_full},
    {"tx_too_big", &LcoreCounters::tx_too_big},
    {"rx_too_big", &LcoreCounters::rx_too_big},
    {"checksums_completed", &LcoreCounters::completed},
    {"answered", &LcoreCounters::answered},
    {"answers_withheld", &LcoreCounters::answers_withheld},
    {"hits_carried", &LcoreCounters::hits_carried},
}};

} // namespace

void add_edition(const Edition& edition, SystemTotals& totals) {
    for (const auto& lcore : edition.counters)
        for (std::size_t i = 0; i < lcore.size(); ++i) {
            const SystemCounter more{edition.tables->systems()[i].id,
                                     lcore[i].dropped.read(),
                                     lcore[i].rejected.read(),
                                     lcore[i].monitored.read(),
                                     lcore[i].limited.read(),
                                     lcore[i].within.read(),
                                     {}};
            if (more.dropped + more.rejected + more.monitored + more.limited + more.within == 0)
                continue;
            auto& total =
                totals.try_emplace(more.system, SystemCounter{more.system, 0, 0, 0, 0, 0, {}})
                    .first->second;
            total.dropped += more.dropped;
            total.rejected += more.rejected;
            total.monitored += more.monitored;
            total.limited += more.limited;
            total.within += more.within;
            for (std::size_t each = 0; each < kPortClasses; ++each)
                total.port_classes[each] += lcore[i].port_classes[each].read();
        }
}

void Gate::State::report_edition(GateReport& report) const {
    auto systems = retired;
    for (const auto& edition : live->waiting()) add_edition(*edition, systems);
    if (in_force != nullptr) {
        const auto& tables = *in_force->tables;
        report.generation = tables.generation();
        report.digest = in_force_digest;
        report.expired = std::chrono::system_clock::now() > tables.expires_at();
        if (scheduled) report.schedules = names_of(scheduled->rules, schedules);
        add_edition(*in_force, systems);
    }
    for (auto& [id, counter] : systems) report.systems.push_back(std::move(counter));
}

void Gate::State::report_packets(GateReport& report) const {
    for (std::size_t i = 0; i < filter::kVerdicts; ++i) {
        std::uint64_t total = 0;
        for (const auto& forwarder : forwarders) total += forwarder.counters.verdicts[i].read();
        report.counters.push_back({std::string(to_string(static_cast<filter::Verdict>(i))), total});
    }
    for (const auto& [name, member] : kNamedCounters) {
        std::uint64_t total = 0;
        for (const auto& forwarder : forwarders) total += (forwarder.counters.*member).read();
        report.counters.push_back({name, total});
    }
    links->report(report.counters);
}

/// What was done to kernel interfaces, and what could not be.
void Gate::State::report_warnings(GateReport& report) const {
    for (const auto& port : ports)
        for (const auto& notice : port.notices())
            report.warnings.push_back("port " + port.label() + ": " + notice);
    if (!turning)
        report.warnings.emplace_back(
            "stalled: an lcore has stopped: what it serves does not cross");
    links->add_faults(report.warnings);
    for (const auto& port : ports)
        if (const auto fault = port.fault(); !fault.empty())
            report.warnings.push_back(std::string(kFaultWarning) + "port " + port.label() + ": " +
                                      fault);
    std::uint64_t joined = 0;
    for (const auto& forwarder : forwarders) joined += forwarder.counters.rx_too_big.read();
    if (joined > 0)
        report.warnings.push_back(std::to_string(joined) +
                                  " frames above the MTU of the port they came in by were dropped: "
                                  "somebody joins packets on the way (GRO, LRO, TSO)");
}

GateReport Gate::report(const std::string& name) const {
    const std::lock_guard lock(state_->control);
    GateReport report;
    report.gate = name;
    report.kind = GateKind::dpdk;
    state_->report_edition(report);
    state_->report_packets(report);
    state_->report_warnings(report);
    return report;
}

TableSizes Gate::table_sizes() const {
    const std::lock_guard lock(state_->control);
    return state_->sizes;
}

std::vector<LcorePackets> Gate::lcores() const {
    std::vector<LcorePackets> all;
    for (const auto& forwarder : state_->forwarders) {
        const auto& counters = forwarder.counters;
        all.push_back({forwarder.lcore, counters.received.read(), counters.sent.read(),
                       counters.turns.read(), counters.hits_carried.read()});
    }
    return all;
}

ProbeAnswer Gate::probe(const Address& address) const {
    const std::lock_guard lock(state_->control);
    if (state_->in_force != nullptr) return state_->in_force->tables->probe(address);
    ProbeAnswer answer;
    answer.kind = GateKind::dpdk;
    answer.error = "no snapshot is loaded";
    return answer;
}

} // namespace sweepgate::gate
