// SPDX-License-Identifier: Apache-2.0
// sweepgate-dataplane: builds the gate and wires it to the agent.
//
//   agent   -> replica : signed snapshots and deltas (replica keeps last good on disk)
//   replica -> gate    : install(snapshot), probe(address), report()
//   main    -> systemd : ready, watchdog
//
// With --replay there is neither: a capture, a snapshot, and what the one does to the other.
#include <sys/signalfd.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <pthread.h>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "controlplane/config/last_config.hpp"
#include "controlplane/model/regular_file.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/usage/open_files.hpp"
#include "controlplane/usage/usage.hpp"
#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/replica.hpp"
#include "controlplane/wire/store.hpp"
#include "dataplane/gate/gate.hpp"
#include "dataplane/gate/options.hpp"
#include "dataplane/gate/telemetry.hpp"
#include "dataplane/replay/render.hpp"

namespace {

using namespace sweepgate;
using gate::Gate;
using gate::Options;

constexpr std::size_t kMaxBoard = std::size_t{1} << 20U;

/// SIGTERM and SIGINT as something to poll; blocked before any thread exists, so in all of them.
/// A closed terminal or log must not stop the traffic, so SIGHUP and SIGPIPE are ignored.
Result<int> watch_signals() {
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    const int watched = signalfd(-1, &set, SFD_CLOEXEC);
    if (watched < 0) return fail(Errc::io, "signalfd: " + errno_text(errno));
    return watched;
}

Status install(Gate& running, const Snapshot& snapshot, const Digest& digest) {
    if (auto ok = running.install(snapshot, digest); !ok) {
        spdlog::error("generation {} is not enforced: {}", snapshot.generation,
                      printable(ok.error().what));
        return ok;
    }
    const auto times = running.last_swap();
    if (!times.complete)
        spdlog::error("an lcore has not turned for {} ms; generation {} waits for it",
                      times.grace.count() / 1000, snapshot.generation);
    spdlog::info("generation {} is enforced: {} prefixes, compiled in {} us, swapped in {} us",
                 snapshot.generation, snapshot.entries.size(), times.compile.count(),
                 times.grace.count());
    return {};
}

Status install_file(Gate& running, const Options& options,
                    const std::vector<wire::VerifyKey>& keys) {
    if (options.snapshot.empty()) return {};
    auto snapshot = wire::load_snapshot(options.snapshot, keys);
    const auto copy =
        options.state.empty() ? std::filesystem::path{} : options.state / "file.last-good";
    if (snapshot && !copy.empty()) {
        if (const auto bytes = wire::load(options.snapshot)) wire::keep_copy(copy, *bytes);
    } else if (!snapshot) {
        const auto fault = snapshot.error();
        if (!copy.empty()) snapshot = wire::load_snapshot(copy, keys);
        // With an agent there is last good, or it comes; without rules nothing is forwarded.
        if (!snapshot && options.updates.empty()) return tl::unexpected(fault);
        spdlog::error("{}{}", printable(fault.what),
                      snapshot ? "; the file of the last start is enforced" : "");
        if (!snapshot) return {};
    }
    return install(running, *snapshot, digest_of(*snapshot));
}

/// What was wrong at the start and stays so until the next one.
struct StartFaults {
    std::string state;             // why nothing is kept; empty: it is, or nobody asked for it
    std::vector<std::string> told; // as in GateReport::warnings

    void add(std::string_view part, const std::string& fault) {
        if (!fault.empty()) told.push_back(fmt::format("{}{}: {}", kFaultWarning, part, fault));
    }
};

wire::ReplicaHandlers handlers(Gate& running, const std::string& name,
                               const std::vector<std::string>& faults) {
    wire::ReplicaHandlers handlers;
    handlers.on_snapshot = [&running](const Snapshot& snapshot, const Digest& digest,
                                      const std::string&) {
        return install(running, snapshot, digest);
    };
    handlers.on_probe = [&running](const Address& address) { return running.probe(address); };
    handlers.on_top = [&running](const TopQuery& query) { return running.top(query); };
    handlers.make_report = [&running, name, faults] {
        auto report = running.report(name);
        report.warnings.insert(report.warnings.end(), faults.begin(), faults.end());
        return report;
    };
    handlers.on_fault = [](const Error& error) { spdlog::warn("{}", printable(error.what)); };
    return handlers;
}

/// Installs last good, then listens to the agent; neither when not asked for.
Status connect(std::unique_ptr<wire::Replica>& connected,
               const std::optional<wire::StateFolder>& folder, const StartFaults& faults,
               Gate& running, const Options& options, const wire::Trust& trust) {
    if (options.updates.empty()) return {};
    wire::ReplicaOptions replica;
    replica.updates = options.updates;
    replica.requests = options.requests;
    replica.trust = trust;
    replica.gate = options.name;
    replica.kind = GateKind::dpdk;
    replica.version = version_text(wire::kSchema);
    if (folder) replica.state_file = folder->file("snapshot");
    replica.state_fault = faults.state;
    auto started = wire::Replica::start(replica, handlers(running, options.name, faults.told));
    if (!started) return tl::unexpected(started.error());
    connected = std::move(*started);
    return {};
}

/// Tells the agent whom was hit for the first time. Nothing is taken while nobody listens.
void send_events(Gate& running, wire::Replica* replica) {
    if (replica == nullptr || !replica->state().connected) return;
    auto events = running.take_events();
    if (!events.events.empty() || events.suppressed > 0) replica->send_events(std::move(events));
}

/// Puts other schedules in force when their hour has come.
void follow_clock(Gate& running) {
    const auto followed = running.follow_clock();
    if (!followed) {
        spdlog::error("schedules are not enforced: {}", printable(followed.error().what));
        return;
    }
    if (!*followed) return;
    std::string names;
    for (const auto& name : running.report({}).schedules) names += " " + name;
    spdlog::info("schedules in force:{}", names.empty() ? " none" : printable(names));
}

/// Until a signal comes. The watchdog is fed only while every lcore turns.
void serve(Gate& running, wire::Replica* replica, int signals) {
    constexpr int kCollectEveryMs = 20;
    constexpr unsigned kSendEvery = 10; // collections
    std::uint64_t watchdog_us = 0;
    const bool watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
    const std::chrono::milliseconds interval(
        watched ? std::clamp<std::uint64_t>(watchdog_us / 2000, 1, 1000) : 1000);
    pollfd waiting{signals, POLLIN, 0};
    bool turning = true;
    auto looked = std::chrono::steady_clock::now();
    for (unsigned turn = 1;; ++turn) {
        const int ready = poll(&waiting, 1, kCollectEveryMs);
        if (ready < 0 && errno == EINTR) continue; // net_tap tells of packets by signals
        if (ready != 0) return;
        running.collect_hits();
        if (turn % kSendEvery == 0) send_events(running, replica);
        if (std::chrono::steady_clock::now() - looked < interval) continue;
        looked = std::chrono::steady_clock::now();
        follow_clock(running);
        running.look_at_ports();
        const bool now = running.is_turning();
        if (now != turning)
            spdlog::log(now ? spdlog::level::info : spdlog::level::err,
                        now ? "all lcores forward again" : "an lcore has stopped forwarding");
        turning = now;
        if (watched && now) sd_notify(0, "WATCHDOG=1");
    }
}

void log_totals(const GateReport& report) {
    for (const auto& counter : report.counters)
        if (counter.packets > 0) spdlog::info("{} {}", counter.name, counter.packets);
    for (const auto& system : report.systems)
        spdlog::info("{}: {} dropped, {} rejected, {} monitored, {} over and {} within the rate",
                     system.system, system.dropped, system.rejected, system.monitored,
                     system.limited, system.within);
}

/// Judges a capture and says what came of it. Neither EAL nor ports.
Status run_replay(const Options& options) {
    const auto keys = wire::load_verify_keys(options.verify_key);
    if (!keys) return tl::unexpected(keys.error());
    const auto snapshot = wire::load_snapshot(options.snapshot, *keys);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto outcome = replay::replay(*snapshot, *options.replay);
    if (!outcome) return tl::unexpected(outcome.error());

    const replay::Subject subject{options.replay->capture.string(), snapshot->generation,
                                  digest_of(*snapshot)};
    const auto& systems = snapshot->rules.systems;
    const auto text = options.json ? replay::to_json(subject, *outcome, systems, options.top) + "\n"
                                   : replay::to_text(subject, *outcome, systems, options.top);
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
        return fail(Errc::io, "standard output: " + errno_text(errno));
    if (outcome->fault) return tl::unexpected(*outcome->fault);
    return {};
}

/// For a start whose board file has become wrong.
void keep_board(const Options& options) {
    if (!options.board_fault.empty())
        spdlog::error("{}", printable(options.board_fault));
    else if (const auto text = read_regular_file(options.board, kMaxBoard);
             text && !options.state.empty())
        wire::keep_copy(config::last_config_path(options.state, options.board), *text);
}

Status run(const Options& options) {
    if (auto ok = usage::open_files(usage::kOpenFiles); !ok) return ok;
    const auto signals = watch_signals();
    if (!signals) return tl::unexpected(signals.error());
    std::optional<wire::StateFolder> folder; // holds its lock
    StartFaults faults;
    if (!options.state.empty()) {
        auto locked = wire::StateFolder::open(options.state);
        if (!locked && locked.error().code == Errc::conflict) return tl::unexpected(locked.error());
        if (locked)
            folder.emplace(std::move(*locked));
        else
            faults.state = locked.error().what;
    }
    if (!faults.state.empty())
        spdlog::error("{}; nothing is kept for a restart", printable(faults.state));
    faults.add("board", options.board_fault);
    keep_board(options);
    wire::Trust trust{std::vector<wire::VerifyKey>{}};
    if (!options.verify_key.empty()) {
        const auto copy = options.state.empty() ? std::filesystem::path{}
                                                : options.state / "verify-keys.last-good";
        auto opened = wire::Trust::open(
            {options.verify_key, copy, folder ? folder->file("trust") : std::filesystem::path{}});
        if (!opened) return tl::unexpected(opened.error());
        trust = std::move(*opened);
    }
    auto chosen = options.gate;
    chosen.notify = [](const std::string& text) { spdlog::warn("{}", printable(text)); };
    auto opened = Gate::open(chosen);
    if (!opened) return tl::unexpected(opened.error());
    auto& running = **opened;
    std::optional<gate::Telemetry> telemetry;
    if (options.gate.telemetry) telemetry.emplace(running);
    // Rules first, traffic second: connect() installs last good before it returns.
    std::unique_ptr<wire::Replica> replica; // dies before the gate that it calls
    if (auto ok = install_file(running, options, trust.keys()); !ok) return ok;
    if (auto ok = connect(replica, folder, faults, running, options, trust); !ok) return ok;
    if (auto ok = running.launch(); !ok) return ok;

    spdlog::info("packets are screened with {}", running.instruction_set());
    spdlog::info("forwarding");
    sd_notify(0, "READY=1\nSTATUS=forwarding");
    serve(running, replica.get(), *signals);
    sd_notify(0, "STOPPING=1");
    replica.reset();
    running.stop();
    log_totals(running.report(options.name));
    close(*signals);
    return {};
}

int start(int argc, char** argv) {
    const auto parsing = gate::parse_options(argc, argv);
    if (parsing.ends) return parsing.exit_code;
    spdlog::set_default_logger(spdlog::stderr_logger_mt("sweepgate-dataplane"));
    spdlog::set_pattern("%L %v");
    spdlog::flush_on(spdlog::level::info);
    const bool replays = parsing.options.replay.has_value();
    if (!replays)
        for (const auto& line : describe(parsing.options)) spdlog::info("{}", line);
    if (const auto ok = replays ? run_replay(parsing.options) : run(parsing.options); !ok) {
        usage::complain("sweepgate-dataplane", ok.error().what);
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return start(argc, argv);
    } catch (const std::exception& error) {
        // Not fmt: it throws when standard error cannot be written, which may be why we are here.
        std::fprintf(stderr, "sweepgate-dataplane: %s\n", error.what());
    } catch (...) {
        std::fputs("sweepgate-dataplane: an unknown exception\n", stderr);
    }
    return 1;
}
