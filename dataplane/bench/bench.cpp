// SPDX-License-Identifier: Apache-2.0
// What the gate costs over plain forwarding: net_pcap infinite_rx (4096 distinct frames of 64
// bytes) -> net_null on one lcore, against dpdk-testpmd io forwarding on the same devices. Both are
// the mean rate over two seconds after half a second of warming up.
//
//   bench_dataplane [RUNS] [--json]   medians of RUNS (default 7) alternating runs of each case
//
// Every run is a process of its own, since DPDK starts once a process. Judge by the shares: runs
// of one batch share the noise of the machine, absolute figures do not repeat. Needs root.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
    if (!running->install(bench::make_snapshot(prefixes, 1)) || !running->launch()) std::exit(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto began = steady_clock::now();
    const auto before = counter(running->report(""), "received");
    std::this_thread::sleep_for(kMeasured);
    const auto packets = counter(running->report(""), "received") - before;
    const std::chrono::duration<double> took = steady_clock::now() - began;
    fmt::print("RESULT {}\n", static_cast<double>(packets) / took.count());
}

std::int64_t median(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

constexpr int kSwaps = 50;

/// Swaps under load; prints compile and grace medians and what the accounts miss.
void measure_swaps(const std::string& capture, std::size_t prefixes) {
    const auto running = start(capture);
    const auto snapshot = bench::make_snapshot(prefixes, 1);
    if (!running->install(snapshot) || !running->launch()) std::exit(1);
    std::vector<std::int64_t> compile;
    std::vector<std::int64_t> grace;
    for (int i = 0; i < kSwaps; ++i) {
        if (!running->install(snapshot)) std::exit(1);
        compile.push_back(running->last_swap().compile.count());
        grace.push_back(running->last_swap().grace.count());
    }
    running->stop();
    const auto report = running->report("");
    const auto accounted = counter(report, "sent") + counter(report, "tx_full") +
                           counter(report, "drop") + counter(report, "drop_unjudged");
    fmt::print("COMPILE {}\nGRACE {}\nLOST {}\nRECEIVED {}\n", median(compile), median(grace),
               static_cast<std::int64_t>(counter(report, "received") - accounted),
               counter(report, "received"));
}

/// What a shell command prints.
std::string output_of(const std::string& command) {
    const auto close = [](FILE* pipe) { pclose(pipe); };
    const std::unique_ptr<FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
    std::string output;
    std::array<char, 4096> piece;
    while (pipe && fgets(piece.data(), piece.size(), pipe.get()) != nullptr) output += piece.data();
    return output;
}

/// The number behind the last `marker`.
double number_in(const std::string& output, std::string_view marker) {
    const auto at = output.rfind(marker);
    if (at == std::string::npos) {
        fmt::print(stderr, "{}\nno {}\n", output, marker);
        std::exit(1);
    }
    return std::strtod(output.c_str() + at + marker.size(), nullptr);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// testpmd itself divides by the time between two looks at a port, so the second look shows the
/// mean rate of the window. Its pool is the gate's.
std::string testpmd(const std::string& capture, const std::string& folder) {
    return fmt::format(
        "cd {0}; : >log; {{ for i in $(seq 200); do grep -q testpmd\\> log && break; sleep 0.05; "
        "done; echo start; sleep 0.5; echo show port stats 0; sleep {1}; "
        "echo show port stats 0; echo stop; echo quit; }} | timeout 30 dpdk-testpmd --no-huge "
        "--no-shconf -m 512 --no-pci --no-telemetry --file-prefix sgbench --lcores 0,1 --vdev {2} "
        "--vdev net_null0,no-rx=1 -- -i --total-num-mbufs=12287 --mbcache=256 --forward-mode=io "
        ">log 2>&1; grep -F Rx-pps: log",
        folder, kMeasured.count(), rx_device(capture));
}

struct Rates {
    std::vector<double> io;
    std::array<std::vector<double>, kCases.size()> judged;
};

struct Swaps {
    double compile_ms = 0;
    double grace_us = 0;
    double lost = 0;
    double received = 0;
};

/// Also where EAL's folders go, of the gate's runs and of testpmd's.
class Folder {
public:
    Folder() {
        std::filesystem::create_directories(path_);
        setenv("RUNTIME_DIRECTORY", path_.c_str(), 1);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::string file(std::size_t number) const {
        return path_ / fmt::format("{}.pcap", number);
    }
    [[nodiscard]] std::string path() const { return path_; }

private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / fmt::format("sgb{}", getpid());
};

Status write_captures(const Folder& folder) {
    for (std::size_t i = 0; i < kCases.size(); ++i) {
        const auto snapshot = bench::make_snapshot(kCases[i].prefixes, 1);
        if (auto ok = bench::write_capture(folder.file(i), snapshot, kCases[i].listed_percent); !ok)
            return ok;
    }
    return {};
}

Rates measure_rates(const std::string& self, const Folder& folder, int runs) {
    Rates rates;
    for (int round = 0; round < runs; ++round) {
        rates.io.push_back(number_in(output_of(testpmd(folder.file(0), folder.path())), "Rx-pps:"));
        for (std::size_t i = 0; i < kCases.size(); ++i)
            rates.judged[i].push_back(
                number_in(output_of(fmt::format("{} gate {} {} 2>/dev/null", self, folder.file(i),
                                                kCases[i].prefixes)),
                          "RESULT "));
    }
    return rates;
}

Swaps measure_swaps_of(const std::string& self, const Folder& folder) {
    const auto said = output_of(fmt::format("{} swap {} 100000 2>/dev/null", self, folder.file(1)));
    return {number_in(said, "COMPILE ") / 1000, number_in(said, "GRACE "), number_in(said, "LOST "),
            number_in(said, "RECEIVED ")};
}

void print_table(const Rates& rates, const Swaps& swaps) {
    const auto io = median(rates.io);
    fmt::print("| case | Mpps | of io |\n|---|---:|---:|\n");
    fmt::print("| dpdk-testpmd io | {:.2f} | 100 % |\n", io / 1e6);
    for (std::size_t i = 0; i < kCases.size(); ++i)
        fmt::print("| {} | {:.2f} | {:.1f} % |\n", kCases[i].name, median(rates.judged[i]) / 1e6,
                   100 * median(rates.judged[i]) / io);
    fmt::print("\n| swap of 100k prefixes under load, {} times | |\n|---|---:|\n", kSwaps);
    fmt::print("| compile, ms | {:.1f} |\n| grace, us | {:.0f} |\n", swaps.compile_ms,
               swaps.grace_us);
    fmt::print("| packets lost of {:.0f} | {:.0f} |\n", swaps.received, swaps.lost);
}

void print_json(const Rates& rates, const Swaps& swaps) {
    nlohmann::json cases = nlohmann::json::array();
    const auto io = median(rates.io);
    for (std::size_t i = 0; i < kCases.size(); ++i)
        cases.push_back({{"case", kCases[i].name},
                         {"mpps", median(rates.judged[i]) / 1e6},
                         {"share_of_io", median(rates.judged[i]) / io},
                         {"runs_pps", rates.judged[i]}});
    const nlohmann::json all{{"io_mpps", io / 1e6},
                             {"io_runs_pps", rates.io},
                             {"cases", cases},
                             {"swap",
                              {{"prefixes", 100'000},
                               {"swaps", kSwaps},
                               {"compile_ms", swaps.compile_ms},
                               {"grace_us", swaps.grace_us},
                               {"packets_received", swaps.received},
                               {"packets_lost", swaps.lost}}}};
    fmt::print("{}\n", all.dump(2));
}

int bench_all(const std::string& self, int runs, bool json) {
    const Folder folder;
    if (auto ok = write_captures(folder); !ok) {
        fmt::print(stderr, "{}\n", ok.error().what);
        return 1;
    }
    const auto rates = measure_rates(self, folder, runs);
    const auto swaps = measure_swaps_of(self, folder);
    json ? print_json(rates, swaps) : print_table(rates, swaps);
    return swaps.lost == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "gate")
        measure_gate(words[1], std::stoul(words[2]));
    else if (words.size() == 3 && words[0] == "swap")
        measure_swaps(words[1], std::stoul(words[2]));
    else {
        const bool json = std::erase(words, "--json") > 0;
        const int runs = words.empty() ? 7 : std::max(1, std::atoi(words[0].c_str()));
        return bench_all("/proc/" + std::to_string(getpid()) + "/exe", runs, json);
    }
    return 0;
}
