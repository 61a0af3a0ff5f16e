// SPDX-License-Identifier: Apache-2.0
// DPDK's lookup libraries in the gate's place: the same devices, frames, pool and burst, one lcore.
// Plain forwarding and each way to ask the library take turns in one process, because some of the
// tables take half a minute to load.
//
//   bench_peers LIBRARY FILE TRAFFIC    packets per second of each way, and of plain forwarding
#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>

#include "dataplane/bench/peer.hpp"
#include "dataplane/bench/traffic_options.hpp"
#include "dataplane/gate/counters.hpp"
#include "dataplane/gate/eal.hpp"
#include "dataplane/gate/port.hpp"

namespace {

using namespace sweepgate;
using bench::Peer;
using gate::Counter;
using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::uint16_t kBurst = filter::kMaxBurst;

struct Library {
    const char* name;
    Result<bench::LoadedPeers> (*make)(const Snapshot&);
};
constexpr std::array<Library, 5> kLibraries{{{"sweepgate", bench::make_sweepgate},
                                             {"rte_fib", bench::make_fib},
                                             {"rte_lpm", bench::make_lpm},
                                             {"rte_hash", bench::make_hash},
                                             {"rte_acl", bench::make_acl}}};

struct Options {
    bench::Traffic traffic;
    std::string library;
    std::filesystem::path capture;
    bool no_huge = false;
    unsigned memory_mb = 1024;
    unsigned measured_ms = 600;
    unsigned warm_up_ms = 200;
    unsigned runs = 7;
};

/// One lcore's work; `peer` is null for plain forwarding.
struct Work {
    std::uint16_t rx_port;
    std::uint16_t tx_port;
    Peer* peer = nullptr;
    std::atomic<bool> stopping{false};
    Counter received;
    Counter dropped;
};

/// Leaves in `mbufs` what is not listed, frees the rest. Returns how many are left.
std::uint16_t drop(rte_mbuf** mbufs, std::uint16_t count, std::uint64_t listed) {
    std::array<rte_mbuf*, kBurst> dropped;
    std::uint16_t kept = 0;
    unsigned gone = 0;
    for (std::uint16_t i = 0; i < count; ++i) {
        if ((listed >> i & 1U) != 0)
            dropped[gone++] = mbufs[i];
        else
            mbufs[kept++] = mbufs[i];
    }
    rte_pktmbuf_free_bulk(dropped.data(), gone);
    return kept;
}

void turn(Work& work) {
    std::array<rte_mbuf*, kBurst> mbufs;
    auto count = rte_eth_rx_burst(work.rx_port, 0, mbufs.data(), kBurst);
    if (count == 0) return;
    work.received.add(count);
    if (work.peer != nullptr) {
        if (const auto listed = work.peer->listed(mbufs.data(), count); listed != 0) {
            work.dropped.add(static_cast<unsigned>(std::popcount(listed)));
            count = drop(mbufs.data(), count, listed);
        }
    }
    const auto sent = rte_eth_tx_burst(work.tx_port, 0, mbufs.data(), count);
    if (sent < count) rte_pktmbuf_free_bulk(&mbufs[sent], static_cast<unsigned>(count - sent));
}

int forward(void* argument) {
    auto& work = *static_cast<Work*>(argument);
    while (!work.stopping.load(std::memory_order_relaxed)) turn(work);
    return 0;
}

/// Where the work is done.
struct Place {
    unsigned lcore;
    std::uint16_t rx_port;
    std::uint16_t tx_port;
};

struct Rate {
    double pps = 0;
    double dropped_share = 0;
};

Rate measure(const Options& options, const Place& place, Peer* peer) {
    Work work{place.rx_port, place.tx_port, peer, {}, {}, {}};
    if (peer != nullptr) peer->prepare();
    rte_eal_remote_launch(forward, &work, place.lcore);
    std::this_thread::sleep_for(std::chrono::milliseconds(options.warm_up_ms));
    const auto began = steady_clock::now();
    const auto received = work.received.read();
    const auto dropped = work.dropped.read();
    std::this_thread::sleep_for(std::chrono::milliseconds(options.measured_ms));
    const auto more = static_cast<double>(work.received.read() - received);
    const auto gone = static_cast<double>(work.dropped.read() - dropped);
    const std::chrono::duration<double> took = steady_clock::now() - began;
    work.stopping.store(true);
    rte_eal_wait_lcore(place.lcore);
    return {more / took.count(), gone / more};
}

Result<bench::LoadedPeers> load(const Options& options, const Snapshot& snapshot) {
    const auto* library = std::find_if(kLibraries.begin(), kLibraries.end(), [&](const auto& one) {
        return options.library == one.name;
    });
    if (library == kLibraries.end())
        return fail(Errc::bad_input, "library '" + options.library + "' is unknown");
    const auto began = steady_clock::now();
    auto loaded = library->make(snapshot);
    if (loaded)
        loaded->load_ms = std::chrono::duration<double>(steady_clock::now() - began).count() * 1000;
    return loaded;
}

Result<gate::Environment> start_eal(const Options& options, const std::vector<unsigned>& lcores) {
    gate::EalOptions eal;
    eal.hugepages = !options.no_huge;
    eal.memory_mb = options.memory_mb;
    auto arguments = gate::make_eal_arguments(eal, lcores, {});
    // Without it DPDK keeps its libraries from AVX-512.
    arguments.emplace_back("--force-max-simd-bitwidth=512");
    return gate::Environment::start(arguments);
}

json measure_all(const Options& options, const Place& place, const bench::LoadedPeers& loaded) {
    std::vector<double> io;
    std::vector<json> ways;
    for (const auto& peer : loaded.peers)
        ways.push_back({{"name", peer->name()}, {"runs", json::array()}});
    for (unsigned run = 0; run < options.runs; ++run) {
        io.push_back(measure(options, place, nullptr).pps);
        for (std::size_t i = 0; i < ways.size(); ++i) {
            const auto rate = measure(options, place, loaded.peers[i].get());
            ways[i]["runs"].push_back(rate.pps);
            ways[i]["dropped_share"] = rate.dropped_share;
        }
    }
    return {{"io_runs", io},
            {"ways", ways},
            {"loaded", loaded.loaded},
            {"load_ms", loaded.load_ms},
            {"remark", loaded.remark}};
}

Result<json> run(const Options& options) {
    const auto snapshot = bench::make_snapshot(options.traffic);
    const auto lcores = gate::forwarding_lcores({});
    if (!lcores) return tl::unexpected(lcores.error());
    const auto environment = start_eal(options, *lcores);
    if (!environment) return tl::unexpected(environment.error());
    const auto pool = gate::make_pool(2 * 2 * 1024 + 8191, gate::kBufferRoom, -1); // the gate's
    if (!pool) return tl::unexpected(pool.error());
    std::vector<gate::Port> ports;
    for (const auto& name :
         {bench::source_device(options.capture), std::string(bench::kSinkDevice)}) {
        const auto device = gate::parse_device(name, static_cast<unsigned>(ports.size()));
        if (!device) return tl::unexpected(device.error());
        auto port = gate::Port::open(*device, 0);
        if (!port) return tl::unexpected(port.error());
        if (auto ok = port->configure({}, **pool); !ok) return tl::unexpected(ok.error());
        if (auto ok = port->start(); !ok) return tl::unexpected(ok.error());
        ports.push_back(std::move(*port));
    }
    const auto loaded = load(options, snapshot);
    if (!loaded) return tl::unexpected(loaded.error());
    return measure_all(options, {lcores->front(), ports[0].id(), ports[1].id()}, *loaded);
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("DPDK's lookup libraries in the gate's place", "bench_peers");
    app.add_option("LIBRARY", options.library, "sweepgate, rte_fib, rte_lpm, rte_hash, rte_acl")
        ->required();
    app.add_option("FILE", options.capture)->required()->check(CLI::ExistingFile);
    bench::declare_traffic(app, options.traffic);
    app.add_flag("--no-huge", options.no_huge);
    app.add_option("--memory", options.memory_mb, "MB")->capture_default_str();
    app.add_option("--measured-ms", options.measured_ms)->check(CLI::Range(50, 60'000));
    app.add_option("--warm-up-ms", options.warm_up_ms)->check(CLI::Range(0, 60'000));
    app.add_option("--runs", options.runs)->check(CLI::Range(1, 1000));
    return bench::answer(app, argc, argv, [&] { return run(options); });
}
