// SPDX-License-Identifier: Apache-2.0
// How a gate begins. DPDK starts once a process, so this is a program of its own.
#include "dataplane/gate/gate.hpp"

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

TEST_GROUP(GateLaunch) {
    RuntimeFolder folder;
    std::string capture = folder.file("in.pcap");
};

TEST(GateLaunch, JudgesTheFirstPacketByTheSnapshotInstalledBefore) {
    write_capture(capture, {packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60)});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.bypass_until_loaded = true; // the board on which an early packet would get through
    options.pairs = {{"net_pcap0,rx_pcap=" + capture + ",infinite_rx=1", "net_null0,no-rx=1"}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_TRUE(gate.install(snapshot_of({{"203.0.113.0/28", 0}})).has_value());
    CHECK_TRUE(gate.launch().has_value());
    wait_for_more(gate, "drop");
    gate.stop();
    const auto report = gate.report("");
    CHECK_EQUAL(counter(report, "received"), counter(report, "drop"));
    CHECK_EQUAL(0U, counter(report, "sent"));
    CHECK_EQUAL(0U, counter(report, "pass_unjudged"));
}
