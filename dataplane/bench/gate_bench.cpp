// SPDX-License-Identifier: Apache-2.0
// One measurement of the gate, on one lcore between net_pcap infinite_rx and net_null. Each is a
// process of its own, since DPDK starts once a process. `python3 -B dataplane/bench` puts many of
// them together; each prints one JSON value.
//
//   bench_gate capture FILE TRAFFIC     the frames, as a capture
//   bench_gate prefixes TRAFFIC         what is listed, one a line
//   bench_gate rate FILE TRAFFIC        packets judged per second
//   bench_gate swaps FILE TRAFFIC       the same under swaps: turn times, what is lost
//   bench_gate tables TRAFFIC           memory and time to build
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <time.h>

#include <fmt/format.h>

#include "dataplane/bench/traffic_options.hpp"
#include "dataplane/gate/gate.hpp"

namespace {

using namespace sweepgate;
using namespace std::chrono_literals;
using bench::Traffic;
using nlohmann::json;
using std::chrono::steady_clock;

struct Options {
    Traffic traffic;
    std::filesystem::path capture;
    std::string instruction_set;
    bool no_huge = false;
    unsigned memory_mb = 512;
    unsigned measured_ms = 1000;
    unsigned warm_up_ms = 300;
    unsigned swaps = 50;
    unsigned runs = 7;
};
using Command = Result<json> (*)(const Options&);

constexpr auto kLook = 10ms;

double seconds(steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::uint64_t counter(const GateReport& report, std::string_view name) {
    for (const auto& item : report.counters)
        if (item.name == name) return item.packets;
    return 0;
}

/// A gate that forwards by `snapshot`.
Result<std::unique_ptr<gate::Gate>> start(const Options& asked, const Snapshot& snapshot,
                                          bool time_turns) {
    gate::GateOptions options;
    options.hugepages = !asked.no_huge;
    options.memory_mb = asked.memory_mb;
    options.instruction_set = asked.instruction_set;
    options.time_turns = time_turns;
    options.pairs = {{bench::source_device(asked.capture), bench::kSinkDevice}};
    auto started = gate::Gate::open(options);
    if (!started) return started;
    if (auto ok = (*started)->install(snapshot); !ok) return tl::unexpected(ok.error());
    if (auto ok = (*started)->launch(); !ok) return tl::unexpected(ok.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(asked.warm_up_ms));
    return started;
}

Result<json> write_capture(const Options& options) {
    const auto snapshot = bench::make_snapshot(options.traffic);
    if (auto ok = bench::write_capture(options.capture, options.traffic, snapshot); !ok)
        return tl::unexpected(ok.error());
    return json();
}

Result<json> print_prefixes(const Options& options) {
    for (const auto& entry : bench::make_snapshot(options.traffic).entries)
        fmt::print("{}\n", to_string(entry.prefix));
    return json();
}

steady_clock::duration time_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// Of all threads but this one. The lcore polls and the rest sleeps, so it is the lcore's: unlike
/// the clock's time it stands still while the program is paused or others have the processor.
steady_clock::duration processor_time() {
    return time_of(CLOCK_PROCESS_CPUTIME_ID) - time_of(CLOCK_THREAD_CPUTIME_ID);
}

Result<json> measure_rate(const Options& options) {
    const auto running = start(options, bench::make_snapshot(options.traffic), false);
    if (!running) return tl::unexpected(running.error());
    fmt::print("measuring\n");
    std::fflush(stdout);
    const auto began = processor_time();
    const auto before = (*running)->report("");
    while (processor_time() - began < std::chrono::milliseconds(options.measured_ms))
        std::this_thread::sleep_for(kLook);
    const auto after = (*running)->report("");
    const auto took = seconds(processor_time() - began);
    const auto more = [&](std::string_view name) {
        return static_cast<double>(counter(after, name) - counter(before, name));
    };
    return json{{"pps", more("received") / took},
                {"dropped_share", more("drop") / more("received")},
                {"instruction_set", (*running)->instruction_set()}};
}

json quantiles(const gate::TurnTimes& times) {
    return {{"turns", times.turns()},
            {"p50_ns", times.quantile_ns(0.5)},
            {"p99_ns", times.quantile_ns(0.99)},
            {"p999_ns", times.quantile_ns(0.999)}};
}

constexpr auto kSwapInterval = 100ms;

/// As long without swaps as with them.
Result<json> measure_swaps(const Options& options) {
    const auto snapshot = bench::make_snapshot(options.traffic);
    const auto started = start(options, snapshot, true);
    if (!started) return tl::unexpected(started.error());
    auto& running = **started;
    const auto first = running.turn_times();
    std::this_thread::sleep_for(options.swaps * kSwapInterval);
    const auto second = running.turn_times();
    std::vector<double> compile_ms;
    std::vector<double> grace_us;
    auto due = steady_clock::now();
    for (unsigned i = 0; i < options.swaps; ++i) {
        if (auto ok = running.install(snapshot); !ok) return tl::unexpected(ok.error());
        compile_ms.push_back(static_cast<double>(running.last_swap().compile.count()) / 1000);
        grace_us.push_back(static_cast<double>(running.last_swap().grace.count()));
        std::this_thread::sleep_until(due += kSwapInterval);
    }
    const auto third = running.turn_times();
    running.stop();
    const auto report = running.report("");
    const auto accounted = counter(report, "sent") + counter(report, "tx_full") +
                           counter(report, "drop") + counter(report, "drop_unjudged");
    return json{
        {"swaps", options.swaps},
        {"prefixes", snapshot.entries.size()},
        {"compile_ms", median(compile_ms)},
        {"grace_us", median(grace_us)},
        {"packets_received", counter(report, "received")},
        {"packets_lost", counter(report, "received") - accounted},
        {"packets_unjudged", counter(report, "drop_unjudged") + counter(report, "pass_unjudged")},
        {"turns_without_swaps", quantiles(second.since(first))},
        {"turns_with_swaps", quantiles(third.since(second))}};
}

Result<json> measure_tables(const Options& options) {
    const auto snapshot = bench::make_snapshot(options.traffic);
    const auto entries = static_cast<double>(snapshot.entries.size());
    std::vector<double> build_ms;
    std::size_t bytes = 0;
    // As in the gate: two arenas take turns, and only the first time their pages are new.
    const std::array arenas{std::make_shared<filter::Arena>(), std::make_shared<filter::Arena>()};
    for (unsigned i = 0; i < options.runs + arenas.size(); ++i) {
        const auto began = steady_clock::now();
        const auto tables = filter::Tables::compile(snapshot, arenas[i % arenas.size()]);
        if (!tables) return tl::unexpected(tables.error());
        if (i >= arenas.size()) build_ms.push_back(1000 * seconds(steady_clock::now() - began));
        bytes = (*tables)->memory_bytes();
    }
    return json{{"entries", entries},
                {"bytes", bytes},
                {"bytes_per_entry", static_cast<double>(bytes) / entries},
                {"build_ms", median(build_ms)}};
}

void declare_gate(CLI::App& command, Options& options) {
    command.add_option("FILE", options.capture)->required()->check(CLI::ExistingFile);
    command.add_option("--simd", options.instruction_set);
    command.add_flag("--no-huge", options.no_huge);
    command.add_option("--memory", options.memory_mb, "MB")->capture_default_str();
    command.add_option("--measured-ms", options.measured_ms)->check(CLI::Range(50, 60'000));
    command.add_option("--warm-up-ms", options.warm_up_ms)->check(CLI::Range(0, 60'000));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("One measurement of the DPDK gate", "bench_gate");
    app.require_subcommand(1);
    Options options;
    Command chosen = nullptr;
    const auto declare = [&](const char* name, const char* about, Command command) {
        auto* added = app.add_subcommand(name, about);
        added->callback([command, &chosen] { chosen = command; });
        bench::declare_traffic(*added, options.traffic);
        return added;
    };
    auto* capture = declare("capture", "Write the frames", write_capture);
    capture->add_option("FILE", options.capture)->required();
    declare("prefixes", "Print what is listed", print_prefixes);
    declare_gate(*declare("rate", "Packets per second", measure_rate), options);
    auto* swaps = declare("swaps", "New tables under load", measure_swaps);
    declare_gate(*swaps, options);
    swaps->add_option("--swaps", options.swaps)->check(CLI::Range(1, 10'000));
    auto* tables = declare("tables", "Memory and build", measure_tables);
    tables->add_option("--runs", options.runs)->check(CLI::Range(1, 1000));
    return bench::answer(app, argc, argv, [&] { return chosen(options); });
}
