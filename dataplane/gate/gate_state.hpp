// SPDX-License-Identifier: Apache-2.0
// What a Gate holds; for gate*.cpp alone.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/gate/eal.hpp"
#include "dataplane/gate/forwarder.hpp"
#include "dataplane/gate/gate.hpp"
#include "dataplane/gate/live.hpp"
#include "dataplane/gate/port.hpp"

namespace sweepgate::gate {

using SystemTotals = std::map<std::string, SystemCounter>; // by system id

/// Adds what the edition's lcores have counted.
void add_edition(const Edition& edition, SystemTotals& totals);

struct Gate::State {
    GateOptions options;
    const filter::Screen* screen = nullptr;
    std::optional<Environment> environment; // dies last: everything below is made of it
    std::unique_ptr<Live> live;
    Pool pool;
    std::vector<Port> ports; // die before the pool
    std::deque<Forwarder> forwarders;
    std::atomic<bool> stopping{false};
    bool running = false;

    mutable std::mutex control;  // everything below, and who may swap
    Edition* in_force = nullptr; // owned by `live`; only a holder of `control` replaces it
    Digest in_force_digest{};
    /// Two from the start, so that no memory is mapped or unmapped while packets flow: one holds
    /// what is in force, the other what comes next. A third is made when a stalled lcore keeps one.
    std::vector<std::shared_ptr<filter::Arena>> arenas;
    SystemTotals retired; // of editions that are gone
    SwapTimes last_swap;

    Status start_environment(std::vector<unsigned>& lcores, const std::vector<Device>& devices);
    Status start_eal(const std::vector<std::string>& arguments);
    Status open_ports(const std::vector<Device>& devices);
    void assign_lanes(const std::vector<unsigned>& lcores);

    [[nodiscard]] std::shared_ptr<filter::Arena> free_arena();

    void report_edition(GateReport& report) const;
    void report_packets(GateReport& report) const;
};

} // namespace sweepgate::gate
