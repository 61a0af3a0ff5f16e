// SPDX-License-Identifier: Apache-2.0
// Never a gap: signed deltas from a real publisher, over real ZeroMQ, into a real gate under full
// load. No packet is lost to a swap, none is judged by neither generation, and one that every
// generation lists never passes. How long it all took is printed, not asserted: machines are noisy.
#include <algorithm>
#include <cstdio>
#include <mutex>

#include "dataplane/gate/gate.hpp"
#include "tests/lab/soak/generations.hpp"
#include "tests/lab/wire/fixture.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::gate;
using testing::kServers;
using testing::make_generation;
using wire::testing::soon;

namespace {

unsigned swaps = 50;

std::unique_ptr<Gate> opened(const std::string& capture) {
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.time_turns = true;
    options.pairs = {{"net_pcap0,rx_pcap=" + capture + ",infinite_rx=1", "net_null0,no-rx=1"}};
    auto made = Gate::open(options);
    if (!made) FAIL(made.error().what.c_str());
    return std::move(*made);
}

wire::PublisherOptions endpoints(const wire::testing::Folder& folder) {
    wire::PublisherOptions options;
    options.updates = {folder.ipc("updates")};
    options.requests = {folder.ipc("requests")};
    return options;
}

/// What the gate acknowledged: when, and what it said it took.
class Receipts {
public:
    wire::PublisherHandlers handlers() {
        wire::PublisherHandlers handlers;
        handlers.on_acknowledgement = [this](const wire::Peer&, const Acknowledgement& receipt) {
            const std::lock_guard lock(mutex_);
            newest_ = receipt;
        };
        return handlers;
    }
    [[nodiscard]] Acknowledgement newest() const {
        const std::lock_guard lock(mutex_);
        return newest_;
    }

private:
    mutable std::mutex mutex_;
    Acknowledgement newest_;
};

void print(const char* name, std::vector<double> values, const char* unit) {
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    std::printf("\n%s: median %.2f, p99 %.2f, most %.2f %s", name, at(0.5), at(0.99), at(1), unit);
}

void print(const char* name, const TurnTimes& times) {
    std::printf("\n%s: p50 %.0f, p99 %.0f, p99.9 %.0f ns of %llu turns", name,
                times.quantile_ns(0.5), times.quantile_ns(0.99), times.quantile_ns(0.999),
                static_cast<unsigned long long>(times.turns()));
}

} // namespace

TEST_GROUP(Soak) {
    RuntimeFolder runtime;
    wire::testing::Folder folder;
    Receipts receipts;
    std::vector<double> enforced_ms; // from the message received to its enforcement
    std::vector<double> compile_ms;

    void publish(wire::testing::Controller & controller, const Gate& gate, Generation generation) {
        const auto next = make_generation(generation); // freed behind what is timed
        controller.publish(next);
        CHECK_TRUE(soon([&] { return receipts.newest().generation == generation; }));
        const auto receipt = receipts.newest();
        STRCMP_EQUAL("", receipt.error.c_str());
        CHECK_TRUE(gate.last_swap().complete);
        enforced_ms.push_back(static_cast<double>(receipt.applied_us) / 1000);
        compile_ms.push_back(static_cast<double>(gate.last_swap().compile.count()) / 1000);
    }
};

TEST(Soak, NoPacketIsLostOrMissedWhileGenerationsAreSwapped) {
    const std::string capture = runtime.file("in.pcap");
    write_capture(capture, testing::make_frames());
    const auto gate = opened(capture);
    wire::testing::Controller controller(endpoints(folder), receipts.handlers());
    auto options = replica_options(controller, "soak/dpdk");
    options.kind = GateKind::dpdk;
    wire::ReplicaHandlers handlers;
    handlers.on_snapshot = [&gate](const Snapshot& snapshot, const Digest& digest,
                                   const std::string&) { return gate->install(snapshot, digest); };
    const auto replica = wire::testing::started(options, handlers);
    publish(controller, *gate, 1);
    CHECK_TRUE(gate->launch().has_value());
    wait_for(*gate, "drop", 1'000'000);

    const auto began = gate->turn_times();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto quiet = gate->turn_times();
    enforced_ms.clear();
    compile_ms.clear();
    for (Generation generation = 2; generation < 2 + swaps; ++generation)
        publish(controller, *gate, generation);
    const auto swapped = gate->turn_times();
    gate->stop();

    const auto report = gate->report("");
    const auto received = counter(report, "received");
    std::printf("\n%u swaps of 100 addresses in 100,000 under load, %llu packets", swaps,
                static_cast<unsigned long long>(received));
    print("from the message to its enforcement", enforced_ms, "ms");
    print("of that, to compile the tables", compile_ms, "ms");
    print("turns without swaps", quiet.since(began));
    print("turns with swaps", swapped.since(quiet));
    std::printf("\n");

    CHECK_EQUAL(replica->state().generation, report.generation);
    CHECK_EQUAL(swaps, replica->state().counters.at("deltas"));
    CHECK_EQUAL(received, counter(report, "sent") + counter(report, "tx_full") +
                              counter(report, "drop")); // none is lost
    CHECK_EQUAL(0U, counter(report, "drop_unjudged") + counter(report, "pass_unjudged"));
    // The capture goes round and round: at the end one round may be begun.
    const auto rounds = received / kServers.size();
    CHECK_EQUAL(2U, report.systems.size());
    CHECK_TRUE(report.systems[0].dropped >= rounds && report.systems[0].dropped <= rounds + 1);
    CHECK_TRUE(report.systems[1].dropped > 0 && report.systems[1].dropped < rounds);
}

/// "--swaps N" in front of CppUTest's own arguments makes the soak longer.
int main(int argc, char** argv) {
    MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
    if (argc > 2 && std::string_view(argv[1]) == "--swaps") {
        swaps = static_cast<unsigned>(std::stoul(argv[2]));
        argv[2] = argv[0];
        return CommandLineTestRunner::RunAllTests(argc - 2, argv + 2);
    }
    return CommandLineTestRunner::RunAllTests(argc, argv);
}
