// SPDX-License-Identifier: Apache-2.0
// The gate on DPDK's software ports. DPDK starts once a process, so one test tells the story.
#include "dataplane/gate/gate.hpp"

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

std::string refusal(const GateOptions& options) {
    const auto opened = Gate::open(options);
    return opened ? "opened" : opened.error().what;
}

} // namespace

TEST_GROUP(Gate) {
    RuntimeFolder folder;
    std::string capture = folder.file("in.pcap");
};

TEST(Gate, RefusesOptionsThatCannotBe) {
    GateOptions options;
    STRCMP_CONTAINS("no ports", refusal(options).c_str());
    options.pairs = {{"af_xdp:eth1", "af_xdp:eth1"}};
    STRCMP_CONTAINS("port af_xdp:eth1 is named twice", refusal(options).c_str());
    options.pairs = {{"null:", "null:"}};
    options.memory_mb = 1;
    STRCMP_CONTAINS("1 MB is not within", refusal(options).c_str());
    options.memory_mb = 64;
    options.lcores = {120};
    STRCMP_CONTAINS("lcore 120 does not exist", refusal(options).c_str());
}

TEST(Gate, SwapsUnderLoadWithoutLosingOrMissingAPacket) {
    write_capture(capture, {packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60),
                            packet().ipv4("192.0.2.1", "203.0.113.17").udp(1, 2).padded(60),
                            packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).padded(60),
                            packet().ether(0x88CC).padded(60)});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.pairs = {{"net_pcap0,rx_pcap=" + capture + ",infinite_rx=1", "net_null0,no-rx=1"}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;

    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_EQUAL(0U, counter(gate.report(""), "received")); // traffic waits, nothing moves
    CHECK_TRUE(gate.launch().has_value());
    STRCMP_CONTAINS("launched before", gate.launch().error().what.c_str());
    wait_for_more(gate, "drop_unjudged"); // fail-closed: no snapshot yet
    wait_for_more(gate, "pass_not_ip");
    CHECK_EQUAL(0U, counter(gate.report(""), "pass"));
    STRCMP_EQUAL("no snapshot is loaded", gate.probe(ipv4(1)).error.c_str());

    const auto first = snapshot_of({{"203.0.113.0/28", 0}, {"203.0.113.16/28", 1}});
    const auto second = snapshot_of({{"203.0.113.16/28", 1}, {"198.51.100.0/24", 2}});
    for (int i = 0; i < 50; ++i) CHECK_TRUE(gate.install(i % 2 == 0 ? second : first).has_value());
    wait_for_more(gate, "drop");
    CHECK_TRUE(gate.probe(parse_address("203.0.113.1").value()).listed);
    CHECK_TRUE(gate.is_turning());

    auto broken = first;
    broken.entries[0].address_class = 99;
    CHECK_FALSE(gate.install(broken).has_value());
    CHECK_TRUE(digest_of(first) == gate.report("").digest);

    gate.stop();
    const auto report = gate.report("branch7/dpdk");
    STRCMP_EQUAL("branch7/dpdk", report.gate.c_str());
    CHECK_EQUAL(7U, report.generation);
    const auto lost = counter(report, "received") - counter(report, "sent") -
                      counter(report, "tx_full") - counter(report, "drop") -
                      counter(report, "reject") - counter(report, "drop_unjudged");
    CHECK_EQUAL(0U, lost);
    CHECK_EQUAL(2U, report.systems.size()); // counters outlive the tables they were counted under
    CHECK_EQUAL(counter(report, "drop"), report.systems[0].dropped);
    CHECK_EQUAL(counter(report, "reject"), report.systems[1].rejected);
    STRCMP_CONTAINS("started in this process before", refusal(options).c_str());
}
