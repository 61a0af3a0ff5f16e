// SPDX-License-Identifier: Apache-2.0
// Several lcores, queues, pairs, sizes and links. DPDK starts once a process, so each story runs in
// a child.
#include "dataplane/gate/gate.hpp"

#include <sched.h>
#include <sys/wait.h>

#include <cstdio>
#include <functional>
#include <mutex>

#include <rte_ethdev.h>

#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"
#include "tests/unit/gate/runtime_folder.hpp"
#include "tests/unit/gate/traffic.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::filter;
using namespace sweepgate::gate;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Story = std::function<std::string()>; // empty, or what went wrong

bool holds(const Story& story) {
    const auto child = fork();
    if (child == 0) {
        const auto fault = story();
        if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
        _exit(fault.empty() ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Up to two processors that we may use.
std::vector<unsigned> processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    std::vector<unsigned> found;
    for (unsigned i = 0; i < 120 && found.size() < 2; ++i)
        if (CPU_ISSET(i, &set)) found.push_back(i);
    return found;
}

/// `packets` of one flow, numbered; each tenth goes to the listed address.
std::vector<Bytes> flow(std::uint16_t port, unsigned packets) {
    std::vector<Bytes> frames;
    for (unsigned i = 0; i < packets; ++i)
        frames.push_back(packet()
                             .ipv4("192.0.2.1", i % 10 == 0 ? "203.0.113.1" : "192.0.2.2")
                             .udp(port, static_cast<std::uint16_t>(i))
                             .padded(60));
    return frames;
}

std::vector<Bytes> without_listed(const std::vector<Bytes>& frames) {
    std::vector<Bytes> kept;
    for (std::size_t i = 0; i < frames.size(); ++i)
        if (i % 10 != 0) kept.push_back(frames[i]);
    return kept;
}

void wait_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

} // namespace

TEST_GROUP(GateQueues) {
    RuntimeFolder folder;
    GateOptions options;
    std::mutex noticing;
    std::vector<std::string> notices;
    std::unique_ptr<Gate> gate; // of the child alone
    Snapshot snapshot = snapshot_of({{"203.0.113.1/32", 0}});

    void setup() override {
        options.hugepages = false;
        options.memory_mb = 128;
        options.lcores = processors();
        options.idle_sleep = std::chrono::microseconds(50);
        options.notify = [this](const std::string& text) {
            const std::lock_guard lock(noticing);
            notices.push_back(text);
        };
    }
    [[nodiscard]] std::string capture(const char* name, const std::vector<Bytes>& frames) const {
        write_capture(folder.file(name), frames);
        return folder.file(name);
    }
    [[nodiscard]] std::string out(const char* name) const { return folder.file(name); }

    std::string open_and_launch() {
        auto opened = Gate::open(options);
        if (!opened) return opened.error().what;
        gate = std::move(*opened);
        if (auto ok = gate->install(snapshot); !ok) return ok.error().what;
        auto launched = gate->launch();
        return launched ? "" : launched.error().what;
    }
    [[nodiscard]] std::uint64_t count(std::string_view name) const {
        return counter(gate->report(""), name);
    }
    [[nodiscard]] bool noticed(const std::string& text) {
        const std::lock_guard lock(noticing);
        for (const auto& notice : notices)
            if (notice.find(text) != std::string::npos) return true;
        return false;
    }
};

TEST(GateQueues, EachQueueOfAPairHasItsLcoreAndItsTablesAndKeepsItsOrder) {
    const auto first = flow(1, 1000), second = flow(2, 1000);
    const auto nothing = capture("nothing.pcap", {});
    options.pairs = {
        {"net_pcap0,rx_pcap=" + capture("a.pcap", first) + ",rx_pcap=" + capture("b.pcap", second),
         "net_pcap1,rx_pcap=" + nothing + ",rx_pcap=" + nothing + ",tx_pcap=" + out("oa.pcap") +
             ",tx_pcap=" + out("ob.pcap")}};
    options.socket_of = [](unsigned lcore) { return static_cast<int>(lcore); }; // two nodes
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("received") == 2000; });
        gate->stop();
        if (options.lcores.size() > 1 && !noticed("2 NUMA nodes")) return "one copy";
        if (count("sent") != 1800 || count("drop") != 200) return "not all judged";
        gate.reset();
        const auto one = read_capture(out("oa.pcap")), other = read_capture(out("ob.pcap"));
        if (options.lcores.size() < 2) return "";
        return one == without_listed(first) && other == without_listed(second) ? "" : "disorder";
    }));
}

TEST(GateQueues, LcoresShareARate) {
    constexpr std::uint32_t kRate = 100;
    const std::vector<Bytes> flood(1000,
                                   packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).padded(60));
    const auto in = capture("in.pcap", flood), nothing = capture("nothing.pcap", {});
    options.pairs = {{"net_pcap0,rx_pcap=" + in + ",rx_pcap=" + in,
                      "net_pcap1,rx_pcap=" + nothing + ",rx_pcap=" + nothing +
                          ",tx_pcap=" + out("oa.pcap") + ",tx_pcap=" + out("ob.pcap")}};
    snapshot.rules.actions[0][0] = Action::limit;
    snapshot.rules.systems[0].packets_per_second = kRate;
    CHECK(holds([&]() -> std::string {
        const auto began = std::chrono::steady_clock::now();
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("received") == 2000; });
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        gate.reset();
        const auto one = read_capture(out("oa.pcap")).size(),
                   other = read_capture(out("ob.pcap")).size();
        const auto most = kRate * (1 + took.count()) + 2;
        if (one + other < kRate || static_cast<double>(one + other) > most) return "another rate";
        const auto share = options.lcores.size() > 1 ? kRate / 2 : 0;
        return one >= share && other >= share ? "" : "an lcore without its share";
    }));
}

TEST(GateQueues, TwoPairsHaveAnLcoreEach) {
    const auto frames = flow(1, 1000);
    const auto in = capture("in.pcap", frames), same = capture("same.pcap", frames),
               nothing = capture("nothing.pcap", {});
    options.pairs = {
        {"net_pcap0,rx_pcap=" + in, "net_pcap1,rx_pcap=" + nothing + ",tx_pcap=" + out("oa.pcap")},
        {"net_pcap2,rx_pcap=" + same,
         "net_pcap3,rx_pcap=" + nothing + ",tx_pcap=" + out("ob.pcap")}};
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("received") == 2000; });
        gate.reset();
        if (noticed("does nothing")) return "an lcore idles";
        const auto one = read_capture(out("oa.pcap")), other = read_capture(out("ob.pcap"));
        return one == without_listed(frames) && other == one ? "" : "a pair lost something";
    }));
}

TEST(GateQueues, LcoresWithoutAQueueAreTold) {
    options.pairs = {{"net_pcap0,rx_pcap=" + capture("in.pcap", {}), "net_null0,no-rx=1"}};
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        return options.lcores.size() < 2 || noticed("no queue is left for lcore") ? "" : "silence";
    }));
}

TEST(GateQueues, WhatIsAboveTheMtuIsDroppedAndCounted) {
    std::vector<Bytes> frames;
    for (const std::size_t size : {60U, 1514U, 1515U, 9014U, 200U})
        frames.push_back(packet().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).padded(size));
    options.pairs = {
        {"net_pcap0,rx_pcap=" + capture("in.pcap", frames),
         "net_pcap1,rx_pcap=" + capture("nothing.pcap", {}) + ",tx_pcap=" + out("o.pcap")}};
    options.mtu = 1500;
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("received") + count("tx_too_big") == 5; });
        gate->stop();
        if (count("tx_too_big") != 2) return "not counted";
        gate.reset();
        return read_capture(out("o.pcap")) == std::vector{frames[0], frames[1], frames[4]}
                   ? ""
                   : "cut or lost";
    }));
    options.mtu = 9000;
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("received") == 5; });
        gate.reset();
        return read_capture(out("o.pcap")) == frames ? "" : "jumbo frames were cut or lost";
    }));
}

TEST(GateQueues, ALostLinkIsCarriedAndGivenBack) {
    options.pairs = {{"net_ring0", "net_ring1"}};
    options.on_exit = OnExit::closed;
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        wait_until([&] { return count("link_up net_ring1") == 1; });
        rte_eth_dev_set_link_down(0);
        wait_until([&] { return count("link_up net_ring1") == 0; });
        rte_eth_link link{};
        rte_eth_link_get_nowait(1, &link);
        if (link.link_status != RTE_ETH_LINK_DOWN) return "the other link stayed";
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        if (count("link_losses net_ring0") != 1 || count("link_losses net_ring1") != 0)
            return "its own order was taken for a loss";
        rte_eth_dev_set_link_up(0);
        wait_until([&] { return count("link_up net_ring1") == 1; });
        rte_eth_link_get_nowait(1, &link);
        if (link.link_status != RTE_ETH_LINK_UP) return "the link did not come back";
        return noticed("link taken down: net_ring0 has none") ? "" : "nobody was told";
    }));
}

TEST(GateQueues, LinksStayWhereTheyAreNotCarried) {
    options.pairs = {{"net_ring0", "net_ring1"}};
    options.carry_link = false;
    CHECK(holds([&]() -> std::string {
        if (auto fault = open_and_launch(); !fault.empty()) return fault;
        rte_eth_dev_set_link_down(0);
        wait_until([&] { return count("link_up net_ring0") == 0; });
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        return count("link_up net_ring1") == 1 ? "" : "it was carried";
    }));
}
