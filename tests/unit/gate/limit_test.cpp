// SPDX-License-Identifier: Apache-2.0
// A rate on the real gate: a thousand packets at once.
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

TEST_GROUP(GateLimit) { RuntimeFolder folder; };

TEST(GateLimit, PassesASecondsWorthOfAThousandPacketsAtOnce) {
    constexpr std::uint64_t kPackets = 1000;
    constexpr std::uint32_t kRate = 100;
    const std::string capture = folder.file("in.pcap");
    const auto limited = packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60);
    const auto free = packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).padded(60);
    std::vector<std::vector<std::uint8_t>> frames(kPackets, limited);
    frames.resize(kPackets + 100, free);
    write_capture(capture, frames);
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.pairs = {{"net_pcap0,rx_pcap=" + capture, "net_null0,no-rx=1"}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;
    auto snapshot = snapshot_of({{"203.0.113.0/28", 0}});
    snapshot.rules.actions[0][0] = Action::limit;
    snapshot.rules.systems[0].packets_per_second = kRate;
    CHECK_TRUE(gate.install(snapshot).has_value());
    snapshot.generation = 8; // the new generation goes on with the same rate
    CHECK_TRUE(gate.install(snapshot).has_value());
    const auto began = std::chrono::steady_clock::now();
    CHECK_TRUE(gate.launch().has_value());
    wait_for(gate, "received", frames.size());
    wait_for(gate, "sent", 100 + kRate);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    gate.stop();
    const auto report = gate.report("");
    const auto within = counter(report, "limit");
    CHECK_TRUE(within >= kRate && static_cast<double>(within) <= kRate * (1 + took.count()) + 1);
    CHECK_EQUAL(kPackets, within + counter(report, "drop_limited"));
    CHECK_EQUAL(within + 100, counter(report, "sent"));
    CHECK_EQUAL(1U, report.systems.size());
    CHECK_EQUAL(within, report.systems[0].within);
    CHECK_EQUAL(kPackets - within, report.systems[0].limited);
    CHECK_EQUAL(0U, report.systems[0].dropped);
}
