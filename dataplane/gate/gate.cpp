// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/gate.hpp"

#include <algorithm>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "dataplane/filter/screen_choice.hpp"
#include "dataplane/gate/gate_state.hpp"

namespace sweepgate::gate {

namespace {

Status check(const GateOptions& options) {
    if (options.pairs.empty()) return fail(Errc::bad_input, "no ports: a gate needs a pair");
    if (options.memory_mb < 64 || options.memory_mb > 65536)
        return fail(Errc::bad_input, "memory of " + std::to_string(options.memory_mb) +
                                         " MB is not within 64..65536");
    if (options.mtu != 0 && (options.mtu < kLeastMtu || options.mtu > kMostMtu))
        return fail(Errc::bad_input, "MTU of " + std::to_string(options.mtu) + " is not within " +
                                         std::to_string(kLeastMtu) + ".." +
                                         std::to_string(kMostMtu));
    if (options.idle_sleep.count() < 0 || options.idle_sleep.count() > 10'000)
        return fail(Errc::bad_input, "idle sleep of " + std::to_string(options.idle_sleep.count()) +
                                         " us is not within 0..10000");
    if (options.grace_limit.count() < 1 || options.grace_limit.count() > 60'000)
        return fail(Errc::bad_input, "grace limit of " +
                                         std::to_string(options.grace_limit.count()) +
                                         " ms is not within 1..60000");
    if (options.who.counters < 16 || options.who.counters > 65'536)
        return fail(Errc::bad_input, std::to_string(options.who.counters) +
                                         " counters of talkers are not within 16..65536");
    return {};
}

/// The ports of all pairs, first and second in turn.
Result<std::vector<Device>> read_devices(const GateOptions& options) {
    std::vector<Device> devices;
    for (const auto& [inside, outside] : options.pairs)
        for (const auto& text : {inside, outside}) {
            auto device = parse_device(text, static_cast<unsigned>(devices.size()));
            if (!device) return tl::unexpected(device.error());
            for (const auto& other : devices)
                if (other.name == device->name ||
                    (!device->arguments.empty() && other.arguments == device->arguments &&
                     device->arguments != "no-rx=1"))
                    return fail(Errc::bad_input, "port " + text + " is named twice");
            devices.push_back(std::move(*device));
        }
    return devices;
}

TableSizes sizes_of(const Snapshot& snapshot, const filter::Tables& tables) {
    TableSizes sizes;
    sizes.prefixes_ipv4 = static_cast<std::size_t>(
        std::ranges::lower_bound(snapshot.entries, Family::ipv6, {},
                                 [](const Entry& entry) { return entry.prefix.address.family; }) -
        snapshot.entries.begin());
    sizes.prefixes_ipv6 = snapshot.entries.size() - sizes.prefixes_ipv4;
    sizes.bytes_ipv4 = tables.ipv4().memory_bytes();
    sizes.bytes_ipv6 = tables.ipv6().memory_bytes();
    sizes.systems = snapshot.rules.systems.size();
    sizes.groups = snapshot.rules.groups.size();
    return sizes;
}

std::vector<unsigned> worker_lcores() {
    std::vector<unsigned> lcores;
    for (auto id = rte_get_next_lcore(-1U, 1, 0); id < RTE_MAX_LCORE;
         id = rte_get_next_lcore(id, 1, 0))
        lcores.push_back(id);
    return lcores;
}

} // namespace

Status Gate::State::start_environment(std::vector<unsigned>& lcores,
                                      const std::vector<Device>& devices) {
    if (!options.eal_arguments.empty()) {
        if (auto ok = start_eal(options.eal_arguments); !ok) return ok;
        lcores = worker_lcores();
        if (lcores.empty()) return fail(Errc::bad_input, "no lcore is left for forwarding");
        return {};
    }
    auto chosen = forwarding_lcores(options.lcores);
    if (!chosen) return tl::unexpected(chosen.error());
    lcores = std::move(*chosen);
    if (options.hugepages)
        if (auto ok = check_hugepages(options.memory_mb); !ok) return ok;
    const EalOptions eal{lcores, options.hugepages, options.memory_mb, options.file_prefix};
    return start_eal(make_eal_arguments(eal, lcores, devices));
}

Status Gate::State::start_eal(std::vector<std::string> arguments) {
    if (options.telemetry) std::erase(arguments, "--no-telemetry");
    auto started = Environment::start(arguments);
    if (!started) return tl::unexpected(started.error());
    environment.emplace(std::move(*started));
    return {};
}

std::shared_ptr<filter::Arena> Gate::State::free_arena(Copy& copy) {
    auto& arenas = copy.arenas;
    const auto free = std::ranges::find_if(
        arenas, [](const std::shared_ptr<filter::Arena>& arena) { return arena.use_count() == 1; });
    if (free != arenas.end()) return *free;
    arenas.push_back(std::make_shared<filter::Arena>(copy.node));
    return arenas.back();
}

Result<std::unique_ptr<Edition>> Gate::State::compile(const Snapshot& snapshot,
                                                      ScheduleSet schedules_in_force) {
    auto edition = std::make_unique<Edition>();
    for (auto& copy : copies) {
        auto tables = filter::Tables::compile(snapshot, free_arena(copy), schedules_in_force);
        if (!tables) return tl::unexpected(tables.error());
        edition->add(std::move(*tables));
    }
    return edition;
}

Gate::Gate(std::unique_ptr<State> state) : state_(std::move(state)) {}
Gate::~Gate() { stop(); }

Result<std::unique_ptr<Gate>> Gate::open(const GateOptions& options) {
    if (auto ok = check(options); !ok) return tl::unexpected(ok.error());
    const auto devices = read_devices(options);
    if (!devices) return tl::unexpected(devices.error());
    const auto screen = filter::choose_screen(options.instruction_set);
    if (!screen) return tl::unexpected(screen.error());

    std::unique_ptr<Gate> gate(new Gate(std::make_unique<State>()));
    auto& state = *gate->state_;
    state.options = options;
    state.screen = *screen;
    state.ledger.emplace(options.who);
    std::vector<unsigned> lcores;
    if (auto ok = state.start_environment(lcores, *devices); !ok) return tl::unexpected(ok.error());
    if (auto ok = state.open_ports(*devices, lcores); !ok) return tl::unexpected(ok.error());
    return gate;
}

Status Gate::launch() {
    auto& state = *state_;
    if (state.running || state.stopping.load())
        return fail(Errc::conflict, "this gate was launched before");
    for (const auto& port : state.ports)
        if (auto ok = port.start(); !ok) return ok;
    state.links->start();
    state.running = true;
    for (auto& forwarder : state.forwarders)
        if (rte_eal_remote_launch(forward, &forwarder, forwarder.lcore) != 0)
            return fail(Errc::unavailable,
                        "lcore " + std::to_string(forwarder.lcore) + " does not start");
    return {};
}

Status Gate::State::swap_in(const Snapshot& snapshot, ScheduleSet schedules_in_force) {
    using std::chrono::steady_clock;
    const auto elapsed = [](steady_clock::time_point since) {
        return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - since);
    };
    const auto began = steady_clock::now();
    auto compiled = compile(snapshot, schedules_in_force);
    if (!compiled) return tl::unexpected(compiled.error());
    auto edition = std::move(*compiled);
    for (std::size_t i = 0; i < forwarders.size(); ++i) {
        edition->counters.emplace_back(edition->tables->systems().size());
        edition->meters.push_back(meters_of(i, *edition->tables));
    }
    const auto& systems = edition->tables->systems();
    edition->has_limits = std::any_of(systems.begin(), systems.end(), [](const System& system) {
        return system.packets_per_second > 0;
    });
    name_systems(*edition);
    SwapTimes times;
    times.compile = elapsed(began);

    const auto published = steady_clock::now();
    in_force = edition.get();
    const auto swapped = live->swap(std::move(edition));
    times.grace = elapsed(published);
    times.complete = swapped.complete;
    last_swap = times;
    sizes = sizes_of(snapshot, *in_force->tables);
    schedules = schedules_in_force;
    for (const auto& old : swapped.retired) add_edition(*old, retired);
    return {};
}

Status Gate::install(const Snapshot& snapshot, const Digest& digest) {
    auto& state = *state_;
    const std::lock_guard lock(state.control);
    const auto schedules = schedules_at(snapshot.rules, state.options.civil_times());
    if (auto ok = state.swap_in(snapshot, schedules); !ok) return ok;
    state.in_force_digest = digest;
    state.scheduled.reset();
    if (!snapshot.rules.schedules.empty()) state.scheduled = snapshot;
    return {};
}

Result<bool> Gate::follow_clock() {
    auto& state = *state_;
    const std::lock_guard lock(state.control);
    if (!state.scheduled) return false;
    const auto schedules = schedules_at(state.scheduled->rules, state.options.civil_times());
    if (schedules == state.schedules) return false;
    if (auto ok = state.swap_in(*state.scheduled, schedules); !ok)
        return tl::unexpected(ok.error());
    return true;
}

void Gate::look_at_ports() {
    auto& state = *state_;
    const std::lock_guard lock(state.control);
    for (auto& port : state.ports) {
        const auto before = port.fault();
        for (const auto& done : port.look()) state.notify("port " + port.label() + ": " + done);
        if (const auto fault = port.fault(); fault != before && !fault.empty())
            state.notify("port " + port.label() + ": " + fault);
    }
}

SwapTimes Gate::last_swap() const {
    const std::lock_guard lock(state_->control);
    return state_->last_swap;
}

TurnTimes Gate::turn_times() const {
    TurnTimes times(static_cast<double>(rte_get_tsc_hz()) / 1e9);
    for (const auto& forwarder : state_->forwarders)
        if (forwarder.clock) times.add(*forwarder.clock);
    return times;
}

std::string_view Gate::instruction_set() const { return state_->screen->name; }

bool Gate::is_turning() {
    bool all = true;
    for (auto& forwarder : state_->forwarders) {
        const auto turns = forwarder.counters.turns.read();
        all = all && turns != forwarder.turns_seen;
        forwarder.turns_seen = turns;
    }
    state_->turning = all;
    return all;
}

void Gate::stop() {
    auto& state = *state_;
    state.stopping.store(true);
    if (state.running) {
        rte_eal_mp_wait_lcore();
        state.running = false;
        state.leave_links();
    }
    state.ports.clear();
    state.pools.clear();
}

} // namespace sweepgate::gate
