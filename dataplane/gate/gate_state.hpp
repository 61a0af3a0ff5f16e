// SPDX-License-Identifier: Apache-2.0
// What a Gate holds; for gate*.cpp alone.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "dataplane/gate/checksum.hpp"
#include "dataplane/gate/eal.hpp"
#include "dataplane/gate/forwarder.hpp"
#include "dataplane/gate/frame_limit.hpp"
#include "dataplane/gate/gate.hpp"
#include "dataplane/gate/links.hpp"
#include "dataplane/gate/live.hpp"
#include "dataplane/gate/port_plan.hpp"

namespace sweepgate::gate {

using SystemTotals = std::map<std::string, SystemCounter>; // by system id

/// Adds what the edition's lcores have counted.
void add_edition(const Edition& edition, SystemTotals& totals);

struct Gate::State {
    GateOptions options;
    const filter::Screen* screen = nullptr;
    std::optional<Environment> environment; // dies last: everything below is made of it
    std::unique_ptr<Live> live;
    std::map<std::pair<Socket, unsigned>, Pool> pools; // by socket and room of a buffer
    std::vector<Port> ports;                           // die before the pools
    std::deque<Forwarder> forwarders;
    std::deque<FrameLimit> limits;   // the ports' queues refer to them
    std::deque<ChecksumDuty> sums;   // likewise
    std::unique_ptr<Links> links;    // of ports that were started
    std::vector<unsigned> rx_queues; // of each port
    std::atomic<bool> stopping{false};
    std::atomic<bool> turning{true}; // as of the last is_turning()
    bool running = false;

    mutable std::mutex control;  // everything below, and who may swap
    Edition* in_force = nullptr; // owned by `live`; only a holder of `control` replaces it
    Digest in_force_digest{};
    std::optional<Snapshot> scheduled; // what is in force, as published, when it has schedules
    ScheduleSet schedules = 0;         // those in force
    /// Two from the start, so that no memory is mapped or unmapped while packets flow: one holds
    /// what is in force, the other what comes next. A third is made when a stalled lcore keeps one.
    /// All that for each NUMA node that forwards, if they are more than one.
    struct Copy {
        int node = filter::Arena::kAnyNode;
        std::vector<std::shared_ptr<filter::Arena>> arenas;
    };
    std::vector<Copy> copies;
    SystemTotals retired; // of editions that are gone
    SwapTimes last_swap;
    TableSizes sizes;
    /// By system, rate and lcore index; they live as long as an edition has them.
    std::map<std::tuple<std::string, std::uint32_t, std::size_t>, std::weak_ptr<Meter>> meters;

    std::mutex hits; // the ledger; taken behind `control`, if both
    std::optional<who::Ledger> ledger;

    Status start_environment(std::vector<unsigned>& lcores, const std::vector<Device>& devices);
    Status start_eal(std::vector<std::string> arguments);
    /// Opens, shares the lcores out, sets the queues up and makes their lanes.
    Status open_ports(const std::vector<Device>& devices, const std::vector<unsigned>& lcores);
    Status set_up_ports(const std::vector<std::vector<unsigned>>& served);
    Status assign_lanes(const std::vector<LcorePlace>& places,
                        const std::vector<std::vector<unsigned>>& served);
    Status add_lanes(std::size_t pair, unsigned slot, unsigned lcores, Forwarder& forwarder);
    Status add_duties(const Port& rx, const Port& tx, std::uint16_t rx_queue, Forwarder& forwarder);
    void place_copies(const std::vector<LcorePlace>& working);
    void tell_of_lcores(const std::vector<LcorePlace>& places,
                        const std::set<unsigned>& busy) const;
    void tell_of_mtu() const;
    void notify(const std::string& text) const;

    /// An edition with tables on each socket that forwards.
    Result<std::unique_ptr<Edition>> compile(const Snapshot& snapshot, ScheduleSet in_force);
    [[nodiscard]] std::shared_ptr<filter::Arena> free_arena(Copy& copy);
    /// The meters of one lcore: its share of each rate.
    [[nodiscard]] std::vector<std::shared_ptr<Meter>> meters_of(std::size_t lcore,
                                                                const filter::Tables& tables);
    /// Compiles, publishes, waits, frees the old.
    Status swap_in(const Snapshot& snapshot, ScheduleSet in_force);
    void leave_links();
    void name_systems(Edition& edition);
    void note(const HitRecord& record, who::SteadyClock::time_point now, std::uint64_t time_ms);

    void report_edition(GateReport& report) const;
    void report_packets(GateReport& report) const;
    void report_warnings(GateReport& report) const;
};

} // namespace sweepgate::gate
