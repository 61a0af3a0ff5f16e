// SPDX-License-Identifier: Apache-2.0
// Who was hit, through the whole gate: every shape of packet that counts, told by client, system
// and port. DPDK starts once a process, so this is a program of its own.
#include <map>

#include "dataplane/gate/gate.hpp"

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

constexpr unsigned kClients = 50;

std::string client(unsigned number) { return "192.0.2." + std::to_string(number + 1); }

/// So few in all that the ring stays half empty, whenever it is read: then nothing is estimated.
unsigned packets_of(unsigned number) { return number % 10 + 1; }
constexpr unsigned kSent = 5 * 55;

/// Each client to AIM: own port, evasion, another, in turn; and one each of the shapes.
std::vector<Bytes> hits() {
    std::vector<Bytes> frames;
    for (unsigned n = 0; n < kClients; ++n)
        for (unsigned i = 0; i < packets_of(n); ++i) {
            constexpr std::array<std::uint16_t, 3> kPorts{5190, 443, 9999};
            frames.push_back(packet()
                                 .ipv4(client(n).c_str(), "203.0.113.1")
                                 .tcp(40000, kPorts[i % 3])
                                 .padded(60));
        }
    const auto* far = "198.18.7.7";
    // Back from the server, tagged twice; IPv6; under labels; in a session; a later fragment.
    frames.push_back(
        packet().tag(0x88A8, 3).vlan(4).ipv4("203.0.113.1", far).tcp(5190, 1).padded(64));
    frames.push_back(packet().ipv6("2001:db8::7", "2001:db8:5::1").udp(9, 53).padded(70));
    frames.push_back(packet().mpls(3).ipv4(far, "203.0.113.1").tcp(1, 5190).padded(64));
    frames.push_back(packet().pppoe().ipv4(far, "203.0.113.17").tcp(1, 6667).padded(64));
    frames.push_back(packet().ipv4(far, "203.0.113.33").tcp(1, 80).padded(64));
    frames.push_back(packet().ipv4(far, "203.0.113.33", 100).raw(Bytes(30, 1)).padded(64));
    return frames;
}

const SystemCounter& system_of(const GateReport& report, std::string_view id) {
    for (const auto& system : report.systems)
        if (system.system == id) return system;
    FAIL("no such system");
    return report.systems.front();
}

void check_top(const Gate& gate) {
    const auto clients = gate.top({TalkersBy::client, kMostTalkers, 0});
    CHECK_EQUAL(kSent + 6, clients.packets);
    CHECK_EQUAL(kClients + 2, clients.talkers.size());
    std::map<std::string, std::uint64_t> counts;
    for (const auto& talker : clients.talkers) {
        counts[to_string(talker.client->address)] = talker.packets;
        CHECK_EQUAL(0U, talker.error);
    }
    for (unsigned n = 0; n < kClients; ++n) CHECK_EQUAL(packets_of(n), counts[client(n)]);
    CHECK_EQUAL(5U, counts["198.18.7.7"]);
    CHECK_EQUAL(1U, counts["2001:db8::7"]);
    const auto systems = gate.top({TalkersBy::system, 1, 5});
    STRCMP_EQUAL("aim", systems.talkers.at(0).system.c_str());
    CHECK_EQUAL(kSent + 3, systems.talkers[0].packets);
    const auto all = gate.top({TalkersBy::all, 1, 0}).talkers.at(0);
    STRCMP_EQUAL("aim", all.system.c_str());
    CHECK_EQUAL(4U, all.packets); // one in three of ten
    CHECK_EQUAL(6, all.protocol);
    CHECK_TRUE(all.client.has_value() && all.port.has_value());
}

void check_classes(const GateReport& report) {
    std::array<std::uint64_t, kPortClasses> aim{2, 1, 0, 0}; // the shapes
    for (unsigned n = 0; n < kClients; ++n)
        for (unsigned i = 0; i < packets_of(n); ++i) ++aim[i % 3];
    CHECK_TRUE(aim == system_of(report, "aim").port_classes);
    CHECK_TRUE((std::array<std::uint64_t, 4>{1, 0, 0, 0}) == system_of(report, "irc").port_classes);
    CHECK_TRUE((std::array<std::uint64_t, 4>{0, 1, 0, 1}) == system_of(report, "msn").port_classes);
    CHECK_EQUAL(0U, counter(report, "hits_carried"));
}

} // namespace

TEST_GROUP(GateHits) { RuntimeFolder folder; };

TEST(GateHits, AreToldByClientSystemAndPort) {
    const auto frames = hits(); // bursts of nothing else
    const std::string in = folder.file("in.pcap");
    write_capture(in, frames);
    GateOptions options;
    options.hugepages = false;
    options.memory_mb = 128;
    options.pairs = {{"net_pcap0,rx_pcap=" + in, "net_null0,no-rx=1"}};
    auto opened = Gate::open(options);
    if (!opened) FAIL(opened.error().what.c_str());
    auto& gate = **opened;
    CHECK_TRUE(gate.install(snapshot_of({{"203.0.113.0/28", 0},
                                         {"2001:db8:5::/48", 0},
                                         {"203.0.113.16/28", 1},
                                         {"203.0.113.32/28", 2}}))
                   .has_value());
    CHECK_TRUE(gate.launch().has_value());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (counter(gate.report(""), "received") < frames.size()) {
        CHECK_TRUE(std::chrono::steady_clock::now() < deadline);
        gate.collect_hits();
    }
    gate.stop();
    gate.collect_hits();
    check_top(gate);
    check_classes(gate.report(""));

    HitEvents events = gate.take_events();
    CHECK_EQUAL(5U * (1 + 2 + 8 * 3) + 5, events.events.size() + events.suppressed);
    CHECK_EQUAL(0U, events.suppressed);
    STRCMP_EQUAL("aim", events.events.at(0).system.c_str());
    CHECK_TRUE(events.events[0].port_class == PortClass::own);
}
