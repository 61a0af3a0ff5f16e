// SPDX-License-Identifier: Apache-2.0
// A swap while an lcore hangs: its port writes a capture into a pipe that nobody empties.
#include "dataplane/gate/gate.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

void wait_until_hung(Gate& gate) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
        CHECK_TRUE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    } while (gate.is_turning());
}

} // namespace

TEST_GROUP(GateWithAHungLcore) {
    RuntimeFolder folder;
    std::string capture = folder.file("in.pcap");
    std::string pipe = folder.file("pipe");
    int reader = -1;

    void setup() override {
        signal(SIGPIPE, SIG_IGN); // closing the pipe's end is how the lcore gets free
        CHECK_EQUAL(0, mkfifo(pipe.c_str(), 0600));
        reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
};

TEST(GateWithAHungLcore, AnswersWhatIsInForce) {
    write_capture(capture, {packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).padded(60),
                            packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60)});
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.grace_limit = std::chrono::milliseconds(200);
    options.pairs = {{"net_pcap0,rx_pcap=" + capture + ",infinite_rx=1",
                      "net_pcap1,rx_pcap=" + capture + ",tx_pcap=" + pipe}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;
    CHECK_TRUE(gate.install(snapshot_of({{"203.0.113.1/32", 0}})).has_value());
    CHECK_TRUE(gate.last_swap().complete);
    CHECK_TRUE(gate.launch().has_value());
    wait_until_hung(gate);
    const auto dropped = gate.report("").systems.at(0).dropped;

    const auto next = snapshot_of({{"203.0.113.1/32", 0}, {"198.51.100.0/24", 2}});
    CHECK_TRUE(gate.install(next).has_value());
    CHECK_FALSE(gate.last_swap().complete);
    CHECK_TRUE(digest_of(next) == gate.report("").digest);
    CHECK_TRUE(gate.probe(parse_address("198.51.100.1").value()).listed);
    CHECK_EQUAL(dropped, gate.report("").systems.at(0).dropped); // the old counters still count

    close(reader);
    wait_for_more(gate, "drop");
    CHECK_TRUE(gate.install(snapshot_of({{"203.0.113.0/28", 0}})).has_value());
    CHECK_TRUE(gate.last_swap().complete);
    gate.stop();
    const auto report = gate.report("");
    CHECK_EQUAL(counter(report, "drop"), report.systems.at(0).dropped);
}
