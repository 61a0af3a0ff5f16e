// SPDX-License-Identifier: Apache-2.0
// What the gate costs over plain forwarding: net_pcap infinite_rx (4096 distinct frames of 64
// bytes) -> net_null on one lcore, against dpdk-testpmd io forwarding on the same devices.
//
//   bench_dataplane [RUNS]     medians of RUNS (default 7) alternating runs of each case
//
// Every run is a process of its own, since DPDK starts once a process. Judge by the shares: runs
// of one batch share the noise of the machine, absolute figures do not repeat. Needs root.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "dataplane/bench/frames.hpp"
#include "dataplane/gate/gate.hpp"

namespace {

using namespace sweepgate;
using std::chrono::steady_clock;

constexpr auto kMeasured = std::chrono::seconds(2);

struct Case {
    const char* name;
    std::size_t prefixes;
    unsigned listed_percent;
};
constexpr std::array<Case, 4> kCases{{{"1k prefixes, no hits", 1'000, 0},
                                      {"100k prefixes, no hits", 100'000, 0},
                                      {"1M prefixes, no hits", 1'000'000, 0},
                                      {"100k prefixes, 10 % dropped", 100'000, 10}}};

std::string rx_device(const std::string& capture) {
    return "net_pcap0,rx_pcap=" + capture + ",infinite_rx=1";
}

std::uint64_t counter(const GateReport& report, std::string_view name) {
    for (const auto& item : report.counters)
        if (item.name == name) return item.packets;
    return 0;
}

std::unique_ptr<gate::Gate> start(const std::string& capture) {
    gate::GateOptions options;
    options.hugepages = false;
    options.memory_mb = 512;
    options.pairs = {{rx_device(capture), "net_null0,no-rx=1"}};
    auto started = gate::Gate::open(options);
    if (started) return std::move(*started);
    fmt::print(stderr, "{}\n", started.error().what);
    std::exit(1);
}

/// One run of the gate; prints packets judged per second.
void measure_gate(const std::string& capture, std::size_t prefixes) {
    const auto running = start(capture);
    if (auto ok = running->install(bench::make_snapshot(prefixes, 1)); !ok) std::exit(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto began = steady_clock::now();
    const auto before = counter(running->report(""), "received");
    std::this_thread::sleep_for(kMeasured);
    const auto packets = counter(running->report(""), "received") - before;
    const std::chrono::duration<double> took = steady_clock::now() - began;
    fmt::print("RESULT {}\n", static_cast<double>(packets) / took.count());
}

/// Swaps under load; prints compile and grace medians and what the accounts miss.
void measure_swaps(const std::string& capture, std::size_t prefixes) {
    const auto running = start(capture);
    const auto snapshot = bench::make_snapshot(prefixes, 1);
    std::vector<std::int64_t> compile;
    std::vector<std::int64_t> grace;
    for (int i = 0; i < 50; ++i) {
        if (!running->install(snapshot)) std::exit(1);
        compile.push_back(running->last_swap().compile.count());
        grace.push_back(running->last_swap().grace.count());
    }
    running->stop();
    const auto report = running->report("");
    const auto accounted = counter(report, "sent") + counter(report, "tx_full") +
                           counter(report, "drop") + counter(report, "drop_unjudged");
    std::sort(compile.begin(), compile.end());
    std::sort(grace.begin(), grace.end());
    fmt::print("swap of {} prefixes, 50 under load: compile {:.1f} ms, grace {} us (medians); "
               "{} packets received, {} lost\n",
               prefixes, static_cast<double>(compile[25]) / 1000, grace[25],
               counter(report, "received"),
               static_cast<std::int64_t>(counter(report, "received") - accounted));
}

/// Runs a shell command and returns what follows the last `marker` in its output.
double run(const std::string& command, std::string_view marker) {
    const auto close = [](FILE* pipe) { pclose(pipe); };
    const std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
    std::string output;
    std::array<char, 4096> piece;
    while (pipe && fgets(piece.data(), piece.size(), pipe.get()) != nullptr) output += piece.data();
    const auto at = output.rfind(marker);
    if (at == std::string::npos) {
        fmt::print(stderr, "{}\n{}: no result\n", output, command);
        std::exit(1);
    }
    return std::strtod(output.c_str() + at + marker.size(), nullptr);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::string testpmd(const std::string& capture) {
    // The best second of a run: the first one holds the start, the last one the end.
    return fmt::format("timeout -s INT 4 dpdk-testpmd --no-huge --no-shconf -m 512 --no-pci "
                       "--file-prefix sgbench{} --lcores 0,1 --vdev {} --vdev net_null0,no-rx=1 "
                       "-- --total-num-mbufs=16384 --forward-mode=io --auto-start --stats-period 1 "
                       "2>&1 </dev/null "
                       "| grep -F 'Rx-pps:' | sort -t: -k2 -n | tail -1",
                       getpid(), rx_device(capture));
}

int bench_all(const std::string& self, int runs) {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("sgb{}", getpid());
    std::filesystem::create_directories(folder);
    std::array<std::vector<double>, kCases.size()> judged;
    std::array<std::string, kCases.size()> captures;
    std::vector<double> io;
    for (std::size_t i = 0; i < kCases.size(); ++i) {
        captures[i] = folder / fmt::format("{}.pcap", i);
        const auto snapshot = bench::make_snapshot(kCases[i].prefixes, 1);
        if (auto ok = bench::write_capture(captures[i], snapshot, kCases[i].listed_percent); !ok) {
            fmt::print(stderr, "{}\n", ok.error().what);
            return 1;
        }
    }
    for (int round = 0; round < runs; ++round) {
        io.push_back(run(testpmd(captures[0]), "Rx-pps:"));
        for (std::size_t i = 0; i < kCases.size(); ++i)
            judged[i].push_back(
                run(fmt::format("{} gate {} {} 2>/dev/null", self, captures[i], kCases[i].prefixes),
                    "RESULT "));
    }
    fmt::print("{:<32} {:>7.2f} Mpps\n", "dpdk-testpmd io", median(io) / 1e6);
    for (std::size_t i = 0; i < kCases.size(); ++i)
        fmt::print("{:<32} {:>7.2f} Mpps {:>5.1f} % of io\n", kCases[i].name,
                   median(judged[i]) / 1e6, 100 * median(judged[i]) / median(io));
    std::fflush(stdout);
    const auto swaps =
        std::system(fmt::format("{} swap {} 100000 2>/dev/null", self, captures[1]).c_str());
    std::filesystem::remove_all(folder);
    return swaps == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() == 4 && words[1] == "gate")
        measure_gate(words[2], std::stoul(words[3]));
    else if (words.size() == 4 && words[1] == "swap")
        measure_swaps(words[2], std::stoul(words[3]));
    else
        return bench_all("/proc/" + std::to_string(getpid()) + "/exe",
                         words.size() > 1 ? std::max(1, std::atoi(argv[1])) : 7);
    return 0;
}
