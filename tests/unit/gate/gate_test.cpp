// SPDX-License-Identifier: Apache-2.0
// The gate on DPDK's software ports. DPDK starts once a process, so one test tells the story.
#include "dataplane/gate/gate.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/unit/filter/names.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

void write_capture(const std::string& path, const std::vector<std::vector<std::uint8_t>>& frames) {
    std::ofstream file(path, std::ios::binary);
    const auto put = [&file](const auto& words) {
        file.write(reinterpret_cast<const char*>(words.data()), sizeof words);
    };
    put(std::array<std::uint32_t, 6>{0xA1B2C3D4U, 2U | 4U << 16U, 0, 0, 65535, 1});
    for (const auto& frame : frames) {
        const auto size = static_cast<std::uint32_t>(frame.size());
        put(std::array<std::uint32_t, 4>{0, 0, size, size});
        file.write(reinterpret_cast<const char*>(frame.data()), size);
    }
}

std::uint64_t counter(const GateReport& report, std::string_view name) {
    for (const auto& item : report.counters)
        if (item.name == name) return item.packets;
    return ~std::uint64_t{0};
}

/// Waits until the counter has moved, so that the test does not depend on time.
void wait_for_more(const Gate& gate, std::string_view name) {
    const auto before = counter(gate.report(""), name);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (counter(gate.report(""), name) == before) {
        CHECK_TRUE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::string refusal(const GateOptions& options) {
    const auto started = Gate::start(options);
    return started ? "started" : started.error().what;
}

} // namespace

TEST_GROUP(Gate) {
    std::string capture = "/tmp/sweepgate-unit-" + std::to_string(getpid()) + ".pcap";
    void teardown() override { std::filesystem::remove(capture); }
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
    auto started = Gate::start(options);
    if (!started) FAIL(started.error().what.c_str());
    auto& gate = **started;

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
